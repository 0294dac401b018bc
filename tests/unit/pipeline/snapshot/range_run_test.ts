import assert from "node:assert/strict";
import { BSON } from "mongodb";
import { createInlineEncoder } from "../../../../src/encode/inline_encoder.ts";
import { EncoderCrashError } from "../../../../src/model/errors.ts";
import type { EventChunk } from "../../../../src/pipeline/ports.ts";
import { ENCODER_DIED } from "../../../../src/pipeline/snapshot/range_suspicion.ts";
import { boundOf } from "../../../support/memory_documents.ts";
import { RangeWorld } from "../../../support/range_world.ts";

Deno.test("a range that is closed is closed at once, and nothing is read", async () => {
  const range = new RangeWorld();
  await range.copy().runToEnd();
  const opened = range.documents.opened.length;
  const records = (await range.records()).length;
  await range.copy().runToEnd();
  assert.equal(range.documents.opened.length, opened);
  assert.equal((await range.records()).length, records);
});

Deno.test("an empty range is closed without a chunk", async () => {
  const range = new RangeWorld(0);
  await range.copy().runToEnd();
  assert.deepEqual((await range.records()).map(({ kind }) => kind), ["genesis", "closed"]);
});

Deno.test("what stages have dropped is not read again", async () => {
  const range = new RangeWorld();
  range.documents.keeps = (id) => id === 11;
  range.documents.replyDocumentsMax = 4;
  const first = range.copy();
  let replies = 0;
  // The second one is asked for when the first is taken.
  range.documents.replied = () => ++replies === 2 && first.stop.abort();
  assert.equal(await first.run(), "stopped");
  range.documents.replied = () => {};
  await range.copy().runToEnd();
  const froms = range.documents.requests.map(({ from }) => from);
  assert.deepEqual(froms.slice(0, 2), [undefined, boundOf(5)]);
  await range.assertComplete([11]);
});

Deno.test("a document on which the encoder dies is found alone, and costs no other one", async () => {
  const range = new RangeWorld();
  const copy = range.copy();
  const inner = createInlineEncoder(range.world.clock);
  const deadly = ["orders 3", "orders 7"];
  const idsOf = ({ bytes, starts }: EventChunk) =>
    Array.from(starts, (start) => {
      const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(start, true);
      const event = BSON.deserialize(bytes.subarray(start, start + length));
      return `${event["ns"].coll} ${event["documentKey"]._id}`;
    });
  copy.encoder = {
    encode: (request) => {
      const ids = request.chunks.flatMap(idsOf);
      if (ids.some((id) => deadly.includes(id))) throw new EncoderCrashError("died");
      return inner.encode(request);
    },
  };
  for (let tries = 0; (await range.records()).at(-1)?.kind !== "closed"; tries++) {
    assert(tries < 20);
    await copy.run().catch((error: Error) => assert.equal(error.message, "died"));
  }
  const letters = (await range.chunks()).flatMap(({ deadLetters }) => deadLetters)
    .flatMap(({ events }) => events);
  assert.deepEqual(letters.map(({ reason }) => reason), [ENCODER_DIED, ENCODER_DIED]);
  await range.assertComplete([1, 2, 4, 5, 6, 8, 9, 10, 11]);
  assert((await range.rows()).some(({ name, id }) => name === "items" && id === 3));
});

Deno.test("other settings are noted between chunks, and hold from there on", async () => {
  const range = new RangeWorld();
  const first = range.copy();
  first.outside.plan = ({ method, args }) =>
    method === "putIfAbsent" && /-2-0\.jsonl$/.test(String(args[0]))
      ? { kind: "crash", when: "before" }
      : undefined;
  await first.runToEnd();
  await range.copy({ redact: ["value"] }).runToEnd();
  await range.assertComplete([5, 6, 7, 8, 9, 10, 11]);
  const kinds = (await range.records()).map(({ kind }) => kind);
  assert.equal(kinds.filter((kind) => kind === "settings").length, 1);
});

Deno.test("a range that is cancelled stores what it has read, and is closed", async () => {
  const range = new RangeWorld(200);
  const copy = range.copy();
  copy.stored = () => copy.cancel.abort();
  await copy.runToEnd();
  const last = (await range.records()).at(-1)!;
  assert.deepEqual(last.kind === "closed" && last.reason, "cancelled");
  const rows = (await range.rows()).length;
  assert(rows >= 4 && rows < 203, `${rows} rows`);
  assert.deepEqual(await range.holes(), []);
});

Deno.test("a range that was cancelled is closed without being read; what its records name is made, or emptied", async () => {
  for (const isForgotten of [false, true]) {
    const range = new RangeWorld();
    const first = range.copy();
    first.outside.plan = ({ method, args }) =>
      method === "putIfAbsent" && /-1-0\.jsonl$/.test(String(args[0]))
        ? { kind: "crash", when: "before" }
        : undefined;
    await first.runToEnd();
    if (isForgotten) range.documents.forget();
    const opened = range.documents.opened.length;
    const second = range.copy();
    second.cancel.abort();
    await second.runToEnd();
    assert.equal(range.documents.opened.length, opened);
    const kinds = (await range.records()).map(({ kind }) => kind);
    assert.equal(kinds.at(-1), "closed");
    assert.equal(kinds.includes("emptied"), isForgotten);
    assert.deepEqual(await range.holes(), []);
  }
});

Deno.test("a range that nobody began is closed when it is cancelled, and has no chunk", async () => {
  const range = new RangeWorld();
  const copy = range.copy();
  copy.cancel.abort();
  await copy.runToEnd();
  assert.deepEqual((await range.records()).map(({ kind }) => kind).slice(0, 1), ["genesis"]);
  assert.equal((await range.records()).at(-1)!.kind, "closed");
  assert.deepEqual(await range.rows(), []);
});
