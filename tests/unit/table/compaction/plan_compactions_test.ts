import assert from "node:assert/strict";
import type { ContainedFile } from "../../../../src/table/compaction/compactable_log.ts";
import {
  candidatesIn,
  planCompactions,
} from "../../../../src/table/compaction/plan_compactions.ts";

const HOUR_MS = 3_600_000;
const MIB = 1024 ** 2;

/** An object of the record `seq`, of an hour. */
function file(
  seq: number,
  choice: Partial<ContainedFile> & { hour?: number; stream?: string } = {},
) {
  const { hour = 5, stream = "collection.shop.orders", ...parts } = choice;
  return {
    path: `hour=${hour}/${stream}-5f0c2a91-${seq}-0.parquet`,
    ...{ bytes: 1000, rows: 10 },
    bounds: { fromMs: hour * HOUR_MS, toMs: (hour + 1) * HOUR_MS - 1 },
    ...parts,
  };
}

function plan(files: readonly ContainedFile[], nowMs = 99 * HOUR_MS, through = 999) {
  const plans = planCompactions(candidatesIn(files, nowMs), () => through);
  return plans.map(({ inputs }) =>
    inputs.map(({ path }) => Number(/-(\d+)-0\.parquet$/.exec(path)![1]))
  );
}

Deno.test("objects of one hour are joined in the order of their records", () => {
  const files = [file(10), file(9), file(3, { hour: 6 }), file(4, { hour: 6 }), file(1)];
  assert.deepEqual(plan(files), [[1, 9, 10], [3, 4]]);
  assert.deepEqual(plan(files.toReversed()).sort(), [[1, 9, 10], [3, 4]]);
  const [first] = planCompactions(candidatesIn(files, 99 * HOUR_MS), () => 99);
  assert.deepEqual(first!.bounds, { fromMs: 5 * HOUR_MS, toMs: 6 * HOUR_MS - 1 });
  assert.deepEqual(Object.keys(first!.inputs[0]!), ["path", "bytes", "rows"]);
});

Deno.test("an hour is joined when the next one is over, and what has no times never", () => {
  const files = [file(1), file(2)];
  assert.deepEqual(plan(files, 7 * HOUR_MS - 1), [[1, 2]]);
  assert.deepEqual(plan(files, 7 * HOUR_MS - 2), []);
  const timeless = files.map(({ bounds: _, ...rest }) => rest);
  assert.deepEqual(plan(timeless), []);
});

Deno.test("what its journal does not call settled stays, and so does the rest of what is alone then", () => {
  const files = [file(1), file(2), file(3)];
  assert.deepEqual(plan(files, 99 * HOUR_MS, 2), [[1, 2]]);
  assert.deepEqual(plan(files, 99 * HOUR_MS, 1), []);
  assert.deepEqual(plan(files, 99 * HOUR_MS, -1), []);
});

Deno.test("large objects, what was joined, rows of dead letters and strangers stay", () => {
  const others = [
    file(7, { bytes: 32 * MIB + 1 }),
    file(8, { path: "_compact/0123.pq" }),
    file(9, { path: "hour=5/collection.shop.orders-5f0c2a91-9-0.redriven.parquet" }),
    file(10, { path: "hour=5/part-0001.parquet" }),
  ];
  assert.deepEqual(plan([...others, file(1), file(2)]), [[1, 2]]);
});

Deno.test("an output has 128 MiB and 500 objects at most", () => {
  const large = [1, 2, 3, 4, 5, 6, 7].map((seq) => file(seq, { bytes: 30 * MIB }));
  assert.deepEqual(plan(large), [[1, 2, 3, 4], [5, 6, 7]]);
  assert.deepEqual(plan(large.slice(0, 5)), [[1, 2, 3, 4]]);
  const many = Array.from({ length: 1001 }, (_, i) => file(i));
  assert.deepEqual(plan(many).map(({ length }) => length), [500, 500]);
});
