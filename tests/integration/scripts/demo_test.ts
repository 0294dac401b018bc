import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freeLakeFolder } from "../../../scripts/demo/lake_folder.ts";
import { OrderBook } from "../../../scripts/demo/order_book.ts";
import { bar, comparison, isComplete, pathLines } from "../../../scripts/demo/report.ts";
import { SeededRandom } from "../../support/seeded_random.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const DEMO = fileURLToPath(new URL("../../../scripts/demo.ts", import.meta.url));

const WRITTEN = { snapshot: 4, insert: 5, update: 3, delete: 2 };
const LAKE = {
  objects: 1,
  example: "lake/x.parquet",
  rows: 14,
  tokens: 14,
  byOperation: WRITTEN,
  answer: [],
};

async function runDemo(args: readonly string[], folder: string) {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-worker-options", DEMO, ...args],
    cwd: folder,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(output.stdout) + decoder.decode(output.stderr);
  return { code: output.code, text };
}

for (const where of ["", "--s3"]) {
  Deno.test(`demo ${where} streams, compares and answers, and leaves a lake`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const args = ["--seconds", "1", ...(where === "" ? [] : [where])];
      const { code, text } = await runDemo(args, folder);
      assert.equal(code, 0, text);
      assert.match(text, /20,000 orders of before are in the lake/);
      assert.match(text, /snapshot +20,000 +20,000\n/);
      assert.match(text, /is there exactly once/);
      assert.match(text, /median_life_ms\n/);
      for (const line of text.split("\n")) assert([...line].length <= 80, line);
      assert.equal(/compiled with Go/.test(text), where === "--s3");
      const [, rows, documents] = /delta_scan reads ([\d,]+) rows, of which ([\d,]+) doc/.exec(
        text,
      )!;
      assert.match(text, new RegExp(`MongoDB has ${documents}\\.`));
      assert.match(text, new RegExp(`all +${rows} +${rows}\\n`));
      assert.match(text, /INSTALL delta; LOAD delta;/);
      assert.ok((await Deno.stat(join(folder, "demo-lake", "db=exchange"))).isDirectory);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("demo ends with 1 on a duration that is none", async () => {
  const { code, text } = await runDemo(["--seconds", "soon"], ".");
  assert.equal(code, 1);
  assert.match(text, /--seconds is "soon"/);
});

Deno.test("pathLines breaks a path at its folders", () => {
  assert.deepEqual(pathLines("lake/db=a/coll=b/file.parquet", 12), [
    "lake/db=a/",
    "  coll=b/",
    "  file.parquet",
  ]);
  assert.deepEqual(pathLines("lake/x.parquet", 80), ["lake/x.parquet"]);
});

Deno.test("isComplete needs the same counts of each operation, and distinct tokens", () => {
  assert.equal(isComplete(WRITTEN, LAKE), true);
  assert.equal(isComplete(WRITTEN, { ...LAKE, tokens: 13 }), false);
  assert.equal(isComplete(WRITTEN, { ...LAKE, rows: 15 }), false);
  const swapped = { snapshot: 4, insert: 4, update: 4, delete: 2 };
  assert.equal(isComplete(WRITTEN, { ...LAKE, byOperation: swapped }), false);
});

Deno.test("comparison shows also an operation that nobody wrote", () => {
  const lines = comparison(WRITTEN, { ...LAKE, rows: 15, byOperation: { ...WRITTEN, drop: 1 } });
  assert.match(lines.join("\n"), /^drop +0 +1$/m);
  assert.match(lines.at(-1)!, /^Not equal/);
});

Deno.test("bar is never longer than its cells", () => {
  assert.equal(bar(0, 4), "░░░░");
  assert.equal(bar(0.5, 4), "██░░");
  assert.equal(bar(7, 4), "████");
});

Deno.test("freeLakeFolder passes by what is there and takes an empty folder", async () => {
  const parent = await Deno.makeTempDir();
  try {
    assert.equal(freeLakeFolder(parent), "demo-lake");
    await Deno.mkdir(join(parent, "demo-lake"));
    assert.equal(freeLakeFolder(parent), "demo-lake");
    await Deno.writeTextFile(join(parent, "demo-lake", "mine"), "");
    await Deno.writeTextFile(join(parent, "demo-lake-2"), "a file");
    assert.equal(freeLakeFolder(parent), "demo-lake-3");
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});

Deno.test("OrderBook changes and removes only orders that are open", () => {
  const book = new OrderBook(new SeededRandom(7), new VirtualClock());
  const open = new Set<string>();
  for (const change of book.next(5000)) {
    if ("insertOne" in change) {
      open.add(String(change.insertOne.document._id));
    } else if ("updateOne" in change) {
      assert.ok(open.has(String(change.updateOne.filter["_id"])));
    } else if ("deleteOne" in change) {
      assert.ok(open.delete(String(change.deleteOne.filter["_id"])));
    }
  }
  assert.ok(open.size > 0 && open.size < 4000, `${open.size}`);
});
