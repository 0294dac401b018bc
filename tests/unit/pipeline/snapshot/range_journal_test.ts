import assert from "node:assert/strict";
import type { Chunk, JournalRecord } from "../../../../src/model/record.ts";
import type { RangeToRun } from "../../../../src/model/snapshot.ts";
import { placeOf, storedSoFar } from "../../../../src/pipeline/snapshot/range_journal.ts";

const FLOOR = { t: 5, i: 1 };

/** A range of two collections. */
const RANGE = {
  index: 1,
  plan: { floor: FLOOR, ranges: [{ pieces: [{ collection: "a" }, { collection: "b" }] }] },
} as unknown as RangeToRun;

type Part = Partial<Chunk> | { readonly emptied: number[] } | "heartbeat";

/** A journal of chunks with four rows each. */
function journalOf(...parts: readonly Part[]): JournalRecord[] {
  const records = parts.map((part, i) => {
    const seq = i + 1;
    if (part === "heartbeat") return { seq, kind: "heartbeat" };
    if ("emptied" in part) return { seq, kind: "emptied", chunks: part.emptied };
    const chunk = { piece: 0, at: { t: 6, i: seq }, row: 4 * i, ...part };
    return { seq, kind: "batch", chunk, objects: [{ rows: 3 }], deadLetters: [{ events: [1] }] };
  });
  return [{ seq: 0, kind: "genesis" }, ...records] as unknown as JournalRecord[];
}

async function place(...parts: readonly Part[]) {
  const records = journalOf(...parts);
  const journal = { read: (_: string, seq: number) => Promise.resolve(records[seq]) };
  return await placeOf(journal, "key", records.at(-1)!, RANGE);
}

Deno.test("a range begins at the first piece, at the floor or later", async () => {
  const begin = { holes: [], next: { piece: 0 }, row: 0, atLeast: FLOOR };
  assert.deepEqual(await place(), begin);
  assert.deepEqual(await place("heartbeat"), begin);
});

Deno.test("a range goes on where the last chunk ended, at its time or later", async () => {
  const next = { holes: [], row: 8, atLeast: { t: 6, i: 2 } };
  assert.deepEqual(await place({ to: "b" }, { from: "b", to: "f" }), {
    ...{ ...next, next: { piece: 0, from: "f" } },
  });
  assert.deepEqual((await place({ to: "b" }, { from: "b" }, "heartbeat")).next, { piece: 1 });
  assert.deepEqual((await place({ to: "b", superseded: true })).next, { piece: 1 });
  assert.equal((await place({ piece: 1 })).next, undefined);
});

Deno.test("what was emptied comes first, and what was repeated of it not again", async () => {
  const chunks = [{ to: "b" }, { from: "b", to: "f" }];
  const both = await place(...chunks, { emptied: [1, 2] });
  assert.deepEqual(both.holes, [{ piece: 0, to: "b", repeats: 1 }, {
    ...{ piece: 0, from: "b", to: "f", repeats: 2 },
  }]);
  assert.deepEqual(both.next, { piece: 0, from: "f" });
  assert.equal(both.row, 8);
  const half = await place(...chunks, { emptied: [2] }, { from: "b", to: "d", repeats: 2 });
  assert.deepEqual(half.holes, [{ piece: 0, from: "d", to: "f", repeats: 2 }]);
  assert.equal(half.row, 16);
  const done = await place(...chunks, { emptied: [2] }, { from: "b", to: "f", repeats: 2 });
  assert.deepEqual(done.holes, []);
  assert.deepEqual(done.next, { piece: 0, from: "f" });
  const gone = await place(...chunks, { emptied: [2] }, {
    from: "b",
    repeats: 2,
    superseded: true,
  });
  assert.deepEqual(gone.holes, []);
});

Deno.test("a repeat that was emptied itself is a hole as it was", async () => {
  const { holes } = await place(
    ...[{ to: "f" }, { emptied: [1] }, { to: "d", repeats: 1 }, { from: "d", to: "f", repeats: 1 }],
    ...[{ emptied: [4] }],
  );
  assert.deepEqual(holes, [{ piece: 0, from: "d", to: "f", repeats: 4 }]);
});

Deno.test("rows are counted from the last chunk, dead letters among them", async () => {
  const records = journalOf({ to: "b" }, { from: "b" }, "heartbeat");
  const journal = { read: (_: string, seq: number) => Promise.resolve(records[seq]) };
  assert.equal((await storedSoFar(journal, "key", records.at(-1)!)).documents, 8);
  assert.equal((await storedSoFar(journal, "key", records[0]!)).documents, 0);
});
