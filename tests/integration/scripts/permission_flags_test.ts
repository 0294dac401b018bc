import assert from "node:assert/strict";
import { permissionFlags } from "../../../scripts/compile/permission_flags.ts";

async function flagsOf(set: unknown, hosts?: readonly string[]): Promise<string[]> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(file, JSON.stringify({ permissions: { executable: set } }));
    return await permissionFlags(file, hosts);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("permissionFlags turns a permission set into flags", async () => {
  const set = { net: true, read: false, sys: ["hostname", "osRelease"] };
  assert.deepEqual(await flagsOf(set), ["--allow-net", "--allow-sys=hostname,osRelease"]);
});

Deno.test("permissionFlags bakes in the hosts it is given", async () => {
  const flags = await flagsOf({ net: true, env: true }, ["a:1", "b:2"]);
  assert.deepEqual(flags, ["--allow-net=a:1,b:2", "--allow-env"]);
});

Deno.test("permissionFlags refuses what the executable must never have", async () => {
  await assert.rejects(flagsOf({ run: true }), /must not have "run"/);
  await assert.rejects(flagsOf({ ffi: ["x"] }), /must not have "ffi"/);
});

Deno.test("permissionFlags refuses an empty list, which a flag would turn into everything", async () => {
  await assert.rejects(flagsOf({ net: [] }), /"net"/);
  await assert.rejects(flagsOf({ net: true }, []), /"net"/);
});
