import assert from "node:assert/strict";
import { encodeEvents } from "../../../src/encode/encode_events.ts";
import { Scratch } from "../../../src/encode/scratch.ts";
import type { EventChunk } from "../../../src/pipeline/ports.ts";
import { badEvents } from "../../contract/encoder_contract.ts";
import { chunkOf, sampleEvent } from "../../contract/encoder_events.ts";
import { text } from "./encode_rows.ts";

const ENCODING = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;

async function encode(...chunks: EventChunk[]) {
  return await encodeEvents({ encoding: ENCODING, chunks }, new Scratch());
}

Deno.test("encodeEvents counts rows and gives failed events their place over all chunks", async () => {
  const [bad] = Object.values(badEvents());
  const good = (i: number) => sampleEvent(i).bson;
  const result = await encode(
    chunkOf([good(0), bad!]),
    chunkOf([]),
    chunkOf([good(1), bad!, bad!]),
  );
  assert.equal(result.rows, 2);
  assert.deepEqual(result.failed.map(({ index }) => index), [1, 3, 4]);
  assert.equal(text(result.bytes).trimEnd().split("\n").length, 2);
});

Deno.test("encodeEvents says why each event failed", async () => {
  const result = await encode(chunkOf(Object.values(badEvents())));
  const reasons = result.failed.map(({ reason }) => reason.replace(/ at offset \d+$/, ""));
  assert.match(reasons[0]!, /type .*0x42/);
  assert.match(reasons[1]!, /type .*0x43/);
  assert.deepEqual(reasons.slice(2), [
    "Cannot read BSON: event has no resume token",
    "Cannot make a row of an event without operationType",
    "Cannot make a row of an event without ns.db",
    "Cannot make a row of an event without clusterTime",
  ]);
});

Deno.test("encodeEvents copies an event whose length is nonsense up to the next one", async () => {
  for (const length of [-1, 3, 0x7fffffff]) {
    const events = [sampleEvent(0).bson, sampleEvent(1).bson, sampleEvent(2).bson];
    const broken = chunkOf(events);
    new DataView(broken.bytes.buffer).setInt32(broken.starts[1]!, length, true);
    const result = await encode(broken);
    assert.equal(result.rows, 2);
    assert.equal(result.failed[0]!.event.length, events[1]!.length);
    assert.deepEqual(result.failed[0]!.event.subarray(4), new Uint8Array(events[1]!.subarray(4)));
  }
});

Deno.test("encodeEvents copies what is left of an event cut off at the end", async () => {
  for (const keep of [2, 100]) {
    const chunk = chunkOf([sampleEvent(0).bson, sampleEvent(1).bson]);
    const cut = { ...chunk, bytes: chunk.bytes.slice(0, chunk.starts[1]! + keep) };
    const result = await encode(cut);
    assert.equal(result.rows, 1);
    assert.equal(result.failed[0]!.event.length, keep);
  }
});

Deno.test("encodeEvents makes no dead letters of a fault that is not the event's", async () => {
  const chunk = chunkOf([sampleEvent(0).bson]);
  const bytes = new Proxy(chunk.bytes, {
    get() {
      throw new RangeError("out of memory");
    },
  });
  await assert.rejects(encode({ ...chunk, bytes }), RangeError);
});

Deno.test("encodeEvents describes operations on collections since version 2, in rows of that version", async () => {
  const to = { db: "shop", coll: "sold" };
  const parts = { documentKey: undefined, fullDocument: undefined };
  const rename = sampleEvent(0, { operationType: "rename", ...parts, operation: { to } });
  const described = async (encoderVersion?: number) => {
    const version = encoderVersion === undefined ? {} : { encoderVersion };
    const encoding = { ...ENCODING, ...version };
    const { bytes } = await encodeEvents(
      { encoding, chunks: [chunkOf([rename.bson])] },
      new Scratch(),
    );
    return JSON.parse(text(bytes)).update_description;
  };
  for (const version of [0, 1]) assert.equal(await described(version), null);
  for (const version of [2, 3, undefined]) assert.deepEqual(await described(version), { to });
});
