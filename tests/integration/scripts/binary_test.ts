import assert from "node:assert/strict";
import { join } from "node:path";
import { type Binary, cacheFolder, findBinary } from "../../../scripts/services/binary.ts";

const WORKING = "#!/bin/sh\nexit 0\n";
const BROKEN = "#!/bin/sh\nexit 1\n";

/** Sets variables of the environment and a folder aside; puts everything back. */
async function sandbox(variables: Readonly<Record<string, string>> = {}) {
  const folder = await Deno.makeTempDir();
  const all = { XDG_CACHE_HOME: join(folder, "cache"), TEST_TOOL_BIN: "", ...variables };
  const before = Object.keys(all).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(all)) Deno.env.set(name, value);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      for (const [name, value] of before) {
        value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
      }
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function program(path: string, text: string): Promise<string> {
  await Deno.writeTextFile(path, text, { mode: 0o755 });
  return path;
}

function tool(install: Binary["install"]): Binary {
  return { name: "tributary-test-tool", variable: "TEST_TOOL_BIN", advice: "install it", install };
}

const neverInstall = () => Promise.reject(new Error("must not be installed"));

Deno.test("findBinary uses the file that the environment names", async () => {
  await using box = await sandbox();
  const path = await program(join(box.folder, "mine"), WORKING);
  Deno.env.set("TEST_TOOL_BIN", path);
  assert.equal(await findBinary(tool(neverInstall)), path);
});

Deno.test("findBinary refuses a named file that does not run, instead of taking another", async () => {
  await using box = await sandbox();
  Deno.env.set("TEST_TOOL_BIN", await program(join(box.folder, "mine"), BROKEN));
  await assert.rejects(findBinary(tool(neverInstall)), /Cannot run TEST_TOOL_BIN ".*mine"/);
});

Deno.test("findBinary passes by a file on PATH that does not run", async () => {
  await using box = await sandbox();
  const [first, second] = [join(box.folder, "1"), join(box.folder, "2")];
  await Deno.mkdir(first);
  await Deno.mkdir(second);
  await program(join(first, "tributary-test-tool"), BROKEN);
  const works = await program(join(second, "tributary-test-tool"), WORKING);
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", `${first}:${second}:${path}`);
  try {
    assert.equal(await findBinary(tool(neverInstall)), works);
  } finally {
    Deno.env.set("PATH", path);
  }
});

Deno.test("findBinary asks a program without --version in its own way", async () => {
  await using box = await sandbox();
  const path = await program(join(box.folder, "mine"), `#!/bin/sh\n[ "$1" = version ]\n`);
  Deno.env.set("TEST_TOOL_BIN", path);
  assert.equal(await findBinary({ ...tool(neverInstall), probe: ["version"] }), path);
  await assert.rejects(findBinary(tool(neverInstall)), /mine --version" fails/);
});

Deno.test("findBinary installs once for two callers, and not again", async () => {
  await using _box = await sandbox();
  let installs = 0;
  const binary = tool(async (scratch) => {
    installs++;
    return { move: await program(join(scratch, "built"), WORKING) };
  });
  const paths = await Promise.all([findBinary(binary), findBinary(binary)]);
  paths.push(await findBinary(binary));
  assert.deepEqual([...new Set(paths)], [join(cacheFolder(), "bin", "tributary-test-tool")]);
  assert.equal(installs, 1);
});

Deno.test("findBinary says what to do when the program cannot be installed, and leaves no scratch", async () => {
  await using _box = await sandbox();
  const binary = tool(() => Promise.reject(new Error("no network")));
  await assert.rejects(
    findBinary(binary),
    /^Error: Cannot get tributary-test-tool: install it, or .* TEST_TOOL_BIN \(no network\)$/,
  );
  assert.deepEqual([...Deno.readDirSync(cacheFolder())].map((entry) => entry.name), ["bin"]);
});

Deno.test("findBinary refuses an installed program that does not run", async () => {
  await using _box = await sandbox();
  const binary = tool(async (scratch) => ({ move: await program(join(scratch, "x"), BROKEN) }));
  await assert.rejects(findBinary(binary), /--version" fails/);
});

Deno.test("cacheFolder works without a home", async () => {
  await using _box = await sandbox({ XDG_CACHE_HOME: "", HOME: "" });
  assert.match(cacheFolder(), /^\/.*tributary-cache-\d+$/);
});
