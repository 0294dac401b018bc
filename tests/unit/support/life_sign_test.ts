import assert from "node:assert/strict";
import { join } from "node:path";
import { LifeSigns } from "../../../src/support/life_sign.ts";

const SHOWN = `
import { LifeSigns } from ${
  JSON.stringify(import.meta.resolve("../../../src/support/life_sign.ts"))
};
await new LifeSigns(Deno.args[0]).show("b");
console.log("shown");
setInterval(() => {}, 1000);
`;

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("LifeSigns: who lives has not ended, and of a stranger nothing is known", async () => {
  await withFolder(async (folder) => {
    const signs = new LifeSigns(folder);
    const sign = await signs.show("a");
    assert.notEqual(sign, undefined);
    assert.equal(await signs.hasEnded("a"), false);
    assert.equal(await signs.hasEnded("stranger"), false);
    await sign![Symbol.asyncDispose]();
    assert.equal(await signs.hasEnded("a"), false, "who ends well takes its sign away");
  });
});

Deno.test("LifeSigns: who was killed has ended, and is forgotten then", async () => {
  await withFolder(async (folder) => {
    const script = join(folder, "show.ts");
    await Deno.writeTextFile(script, SHOWN);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--no-config", script, folder],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    const signs = new LifeSigns(folder);
    assert.equal(await signs.hasEnded("b"), false);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    assert.equal(await signs.hasEnded("b"), true);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["show.ts"]);
  });
});

Deno.test("LifeSigns: where there can be no sign, nothing is known", async () => {
  const long = new LifeSigns("/tmp/" + "x".repeat(120));
  assert.equal(await long.show("a"), undefined);
  assert.equal(await long.hasEnded("a"), false);
  const nowhere = new LifeSigns("/tmp/there/is/no/such/folder");
  assert.equal(await nowhere.show("a"), undefined);
  assert.equal(await nowhere.hasEnded("a"), false);
});
