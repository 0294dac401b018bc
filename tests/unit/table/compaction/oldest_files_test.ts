import assert from "node:assert/strict";
import { isAmong, OldestFiles } from "../../../../src/table/compaction/oldest_files.ts";

const HOUR_MS = 3_600_000;

function boundsOf(hour: number) {
  return { fromMs: hour * HOUR_MS, toMs: (hour + 1) * HOUR_MS - 1 };
}

function fileOf(hour: number, seq: number) {
  const path = `hour=${hour}/collection.shop.orders-0123abcd-${seq}-0.parquet`;
  return { path, bytes: 5, rows: 1, bounds: boundsOf(hour) };
}

const OUTPUT = { path: "_compact/0123.pq", bytes: 5, rows: 1, bounds: boundsOf(1) };
const FILES = [fileOf(3, 5), OUTPUT, fileOf(1, 1), fileOf(2, 4), fileOf(1, 0), fileOf(9, 9)];

function choose(filesHeldMax: number, fromHour = 0) {
  const oldest = new OldestFiles({ fromMs: fromHour * HOUR_MS, nowMs: 8 * HOUR_MS, filesHeldMax });
  const hours = oldest.choose(FILES).filter((file) => file !== OUTPUT)
    .map(({ bounds }) => bounds!.fromMs / HOUR_MS);
  assert(oldest.choose(FILES).includes(OUTPUT));
  return { oldest, hours };
}

Deno.test("of more files than are held whole hours are chosen, the first ones, and all outputs", () => {
  assert.deepEqual(choose(9).hours, [3, 1, 2, 1]);
  assert.equal(choose(9).oldest.leftFromMs, undefined);
  assert.deepEqual(choose(3).hours, [1, 1, 2]);
  assert.equal(choose(3).oldest.leftFromMs, 3 * HOUR_MS);
  assert.deepEqual(choose(2, 2).hours, [3, 2]);
});

Deno.test("of an hour that alone has too many a part is chosen", () => {
  const { oldest, hours } = choose(1);
  assert.deepEqual([hours, oldest.leftFromMs], [[1], HOUR_MS]);
});

Deno.test("what was joined already can be judged where all files of its hour are chosen", () => {
  const { oldest } = choose(3);
  const judged = [1, 2, 3].map((hour) => oldest.isAbout({ bounds: boundsOf(hour) }));
  assert.deepEqual(judged, [true, true, false]);
  assert.equal(oldest.isAbout({}), false);
  assert.equal(choose(9, 2).oldest.isAbout({ bounds: boundsOf(1) }), false);
  assert.equal(choose(9).oldest.isAbout({ bounds: boundsOf(9) }), false);
});

Deno.test("isAmong knows the paths that it was given, and outputs of compactions", () => {
  const isHeld = isAmong(["a", "b"]);
  assert.deepEqual(["a", "c", "_compact/0123.pq"].map(isHeld), [true, false, true]);
});
