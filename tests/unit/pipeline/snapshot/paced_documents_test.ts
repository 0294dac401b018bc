import assert from "node:assert/strict";
import { pacedDocuments } from "../../../../src/pipeline/snapshot/paced_documents.ts";
import { SETTINGS } from "../../../support/lake_world.ts";
import { MemoryDocuments } from "../../../support/memory_documents.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const SIGNAL = new AbortController().signal;

function scene(count: number) {
  const clock = new VirtualClock();
  const documents = new MemoryDocuments({ t: 5, i: 1 });
  documents.set("orders", Array.from({ length: count }, (_, i) => ({ _id: i, value: 0 })));
  const request = {
    ...{ suffix: "AB", row: 0, settings: SETTINGS },
    piece: documents.piece("orders"),
  };
  return { clock, documents, request };
}

Deno.test("pacedDocuments() gives as many documents a second as are allowed, and follows a change", async () => {
  const { clock, documents, request } = scene(100);
  let rate = 10;
  const cursor = await pacedDocuments(documents, () => rate, clock).open(request, SIGNAL);
  const begunMs = clock.monotonicMs();
  const read = async () => (await clock.finish(cursor.next(1000))).starts.length;
  assert.equal(await read(), 10);
  assert.equal(await read(), 10);
  assert.equal(clock.monotonicMs() - begunMs, 1000);
  rate = 40;
  assert.equal(await read(), 40);
  assert.equal(await read(), 40);
  assert.equal(clock.monotonicMs() - begunMs, 3000);
});

Deno.test("pacedDocuments() ends a wait when it is told to, and reads one at a time at the least", async () => {
  const { clock, documents, request } = scene(3);
  const stop = new AbortController();
  const cursor = await pacedDocuments(documents, () => 0.1, clock).open(request, stop.signal);
  assert.equal((await cursor.next(1000)).starts.length, 1);
  const waiting = cursor.next(1000);
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
});

Deno.test("pacedDocuments() counts what is read, also where nothing is left of it", async () => {
  const { clock, documents, request } = scene(100);
  documents.keeps = (id) => id === 99;
  const cursor = await pacedDocuments(documents, () => 10, clock).open(request, SIGNAL);
  const begunMs = clock.monotonicMs();
  const read = [];
  for (let state = "more"; state === "more";) {
    const reply = await clock.finish(cursor.next(1000));
    read.push(reply.starts.length);
    state = reply.state;
  }
  assert.deepEqual(read, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  assert.equal(clock.monotonicMs() - begunMs, 9000);
});
