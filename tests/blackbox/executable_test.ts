import assert from "node:assert/strict";
import { runProgram } from "../support/program.ts";

const CONFIG = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));

Deno.test("the executable prints its version", async () => {
  const { code, stdout } = await runProgram(["--version"]);
  assert.equal(code, 0);
  assert.ok(stdout.includes(CONFIG.version), stdout);
});

Deno.test("the executable prints how it is used", async () => {
  const { code, stdout, stderr } = await runProgram(["--help"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Usage: tributary /m);
});

Deno.test("the executable ends with 2 on a verb that it does not have", async () => {
  const { code, stdout, stderr } = await runProgram(["dance"]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /dance/);
});

Deno.test("the executable names every setting that is missing or wrong, and ends with 2", async () => {
  const { code, stderr } = await runProgram(["run"], {
    env: { FORMAT: "papyrus", BATCH_SIZE: "x" },
  });
  assert.equal(code, 2);
  for (const name of ["MONGODB_URI", "FORMAT", "BATCH_SIZE"]) {
    assert.match(stderr, new RegExp(name));
  }
});

Deno.test("the executable masks the password of an address that it complains about", async () => {
  const env = { MONGODB_URI: "http://user:hunter2@127.0.0.1/", DESTINATION: "file:///tmp/x" };
  const { code, stdout, stderr } = await runProgram(["run"], { env });
  assert.equal(code, 2);
  assert.doesNotMatch(stdout + stderr, /hunter2/);
});

Deno.test("the executable keeps nothing in the temporary folder that a next start would run", async () => {
  const folder = await Deno.makeTempDir({ prefix: "tributary-temporary-" });
  try {
    const { code } = await runProgram(["version"], { env: { TMPDIR: folder } });
    assert.equal(code, 0);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
