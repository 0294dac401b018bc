import assert from "node:assert/strict";
import { ChunkFollower } from "../../../../src/journal/verify/verify_chunks.ts";
import type { BatchRecord, Chunk, EmptiedRecord } from "../../../../src/model/record.ts";

function batch(seq: number, chunk: Partial<Chunk>): BatchRecord {
  return { seq, chunk: { piece: 0, at: { t: 1, i: 1 }, row: 0, ...chunk } } as BatchRecord;
}

function emptied(...chunks: number[]): EmptiedRecord {
  return { kind: "emptied", chunks } as unknown as EmptiedRecord;
}

Deno.test("an emptied chunk is missing until chunks have repeated all of it", () => {
  const follower = new ChunkFollower();
  follower.visit(batch(1, { to: "m" }));
  follower.visit(batch(2, { from: "m" }));
  const wrong = new Map(
    [1, 3].map((seq) => [`key-${seq}`, { object: { seq } }] as [string, never]),
  );
  follower.emptied(emptied(1), wrong);
  assert.deepEqual([...wrong.keys()], ["key-3"]);
  assert.deepEqual(follower.open.map(({ seq }) => seq), [1]);
  follower.visit(batch(4, { to: "g", repeats: 1 }));
  assert.deepEqual(follower.open.map(({ seq }) => seq), [1]);
  follower.visit(batch(5, { from: "g", to: "m", repeats: 1 }));
  assert.deepEqual(follower.open, []);
});

Deno.test("a repeat can be emptied itself, and a collection that is gone ends what is missing", () => {
  const follower = new ChunkFollower();
  follower.visit(batch(1, {}));
  follower.emptied(emptied(1), new Map());
  follower.visit(batch(3, { repeats: 1 }));
  assert.deepEqual(follower.open, []);
  follower.emptied(emptied(3), new Map());
  assert.deepEqual(follower.open.map(({ seq }) => seq), [3]);
  follower.visit(batch(5, { repeats: 3, superseded: true }));
  assert.deepEqual(follower.open, []);
});
