import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { waitUntil } from "../../../scripts/services/wait_until.ts";
import { systemClock } from "../../../src/support/clock.ts";
import { runSideBySide, type SideBySideOptions } from "../../../scripts/test/side_by_side.ts";

const never = () => new AbortController().signal;
const PASSES = `Deno.test("passes", () => {});`;
const FAILS =
  `Deno.test("fails", () => { throw new Error("on purpose: " + Deno.env.get("WORD")); });`;
/** Waits for the other file, which waits for this one: passes if both run at once. */
const MEETS = `
Deno.test("meets", async () => {
  const here = import.meta.filename;
  const other = here.replace(/(one|two)/g, (word) => word === "one" ? "two" : "one");
  console.log("begins", here.split("/").at(-1));
  await Deno.writeTextFile(here + ".there", "");
  while (!await Deno.stat(other + ".there").catch(() => undefined)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  console.log("ends", here.split("/").at(-1));
});`;

async function runOn(
  files: Readonly<Record<string, string>>,
  options: (root: string) => Partial<SideBySideOptions> = () => ({}),
) {
  const root = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), text);
    }
    const folders = new Set(Object.keys(files).map((path) => path.split("/")[0]!));
    const parts = [...folders].map((folder) => ({ name: folder, folder, env: { WORD: folder } }));
    const decoder = new TextDecoder();
    let text = "";
    const results = await runSideBySide(parts, {
      root,
      flags: ["--no-config"],
      atOnceMax: 2,
      signal: new AbortController().signal,
      print: (bytes) => text += decoder.decode(bytes, { stream: true }),
      fileLimit: never,
      ...options(root),
    });
    return { results, text };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("runSideBySide counts the tests of each part, and names the files that failed", async () => {
  const { results, text } = await runOn({
    "a/one_test.ts": PASSES,
    "a/below/two_test.ts": PASSES + FAILS,
    "a/notes.md": "",
    "b/three_test.ts": `import "./missing.ts";`,
  });
  assert.deepEqual(results.map(({ name, counts, failed }) => ({ name, counts, failed })), [
    { name: "a", counts: { passed: 2, failed: 1 }, failed: ["a/below/two_test.ts"] },
    { name: "b", counts: { passed: 0, failed: 1 }, failed: ["b/three_test.ts"] },
  ]);
  assert.match(text, /^-- a\/below\/two_test\.ts: 1 passed, 1 failed in \d+\.\d s$/m);
  assert.match(text, /on purpose: a/);
  assert.match(text, /missing\.ts/);
});

Deno.test("runSideBySide runs files at once and prints what each says in one piece", async () => {
  const { results, text } = await runOn({ "a/one_test.ts": MEETS, "a/two_test.ts": MEETS });
  assert.deepEqual(results[0]!.counts, { passed: 2, failed: 0 });
  const words = [...text.matchAll(/^(begins|ends) (\w+)_test\.ts$/gm)].map(([, ...w]) => w);
  const [first] = words;
  const other = first![1] === "one" ? "two" : "one";
  assert.deepEqual(words, [first, ["ends", first![1]], ["begins", other], ["ends", other]]);
});

Deno.test("runSideBySide ends a file that takes too long, shows what it said, and goes on", async () => {
  const files = { "a/one_test.ts": MEETS, "b/two_test.ts": PASSES };
  const { results, text } = await runOn(files, (root) => ({
    atOnceMax: 1,
    fileLimit: () => abortWhen(join(root, "a/one_test.ts.there")),
  }));
  assert.deepEqual(results[0]!.counts, { passed: 0, failed: 1 });
  assert.match(text, /^Ended: this file takes longer than any may$/m);
  assert.match(text, /begins one_test\.ts/);
  assert.match(text, /b\/two_test\.ts: /);
});

/** Aborts when the file is there. */
function abortWhen(path: string): AbortSignal {
  const controller = new AbortController();
  waitUntil(systemClock, 60_000, () => Deno.stat(path).then(() => true, () => undefined))
    .then(() => controller.abort());
  return controller.signal;
}
