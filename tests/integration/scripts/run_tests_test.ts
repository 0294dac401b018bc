import assert from "node:assert/strict";
import { join } from "node:path";
import { parseSummary, runTests } from "../../../scripts/test/run_tests.ts";

async function runOn(files: Readonly<Record<string, string>>) {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(root, "part"));
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(root, "part", name), text);
    }
    const print = () => {};
    return await runTests({ path: "part", root, flags: ["--no-config"], env: {}, print });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const PASSES = `Deno.test("passes", () => {});`;
const FAILS =
  `Deno.test("fails", () => { throw new Error("on purpose, for a test of the runner"); });`;

Deno.test("parseSummary reads the last line of deno test", () => {
  assert.deepEqual(parseSummary("ok | 12 passed | 0 failed (1s)"), { passed: 12, failed: 0 });
  assert.deepEqual(
    parseSummary("FAILED | 3 passed (7 steps) | 2 failed (4 steps) | 1 ignored (1s)"),
    {
      passed: 3,
      failed: 2,
    },
  );
  assert.equal(parseSummary("x ... ok (1ms)"), undefined);
});

Deno.test("runTests counts what passed and what failed", async () => {
  assert.deepEqual(await runOn({ "a_test.ts": PASSES + FAILS }), { passed: 1, failed: 1 });
  assert.deepEqual(await runOn({ "a_test.ts": PASSES }), { passed: 1, failed: 0 });
});

Deno.test("runTests counts a file that does not load as a failure", async () => {
  const counts = await runOn({ "a_test.ts": PASSES, "b_test.ts": `import "./missing.ts";` });
  assert.ok(counts !== undefined && counts.failed > 0);
});

Deno.test("runTests fails where there are files but no test, and passes by an empty folder", async () => {
  assert.deepEqual(await runOn({ "notes.md": "" }), { passed: 0, failed: 1 });
  assert.equal(await runOn({}), undefined);
});
