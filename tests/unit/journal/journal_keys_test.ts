import assert from "node:assert/strict";
import fc from "fast-check";
import {
  recordKey,
  seqOfRecordKey,
  startKey,
  streamFolder,
  STREAMS_FOLDER,
  tipKey,
} from "../../../src/journal/journal_keys.ts";

const KEY = "collection.shop.orders.e1.2of4";

Deno.test("recordKey, tipKey and startKey give the places that the protocol names", () => {
  assert.equal(recordKey(KEY, 12), `_tributary/streams/${KEY}/0000000000000012.json`);
  assert.equal(tipKey(KEY, 1999), `_tributary/streams/${KEY}/tip/0000000000001999.json`);
  assert.equal(startKey("deployment"), "_tributary/start/deployment.json");
});

Deno.test("seqOfRecordKey reads the keys of a stream's records, and no other", () => {
  for (const seq of [0, 12, Number.MAX_SAFE_INTEGER]) {
    assert.equal(seqOfRecordKey(KEY, recordKey(KEY, seq)), seq);
  }
  for (const key of [tipKey(KEY, 999), `${streamFolder(KEY)}note.json`]) {
    assert.equal(seqOfRecordKey(KEY, key), undefined);
  }
});

Deno.test("recordKey and tipKey lie in their stream's folder, and that among the streams", () => {
  for (const key of [recordKey(KEY, 0), tipKey(KEY, 0)]) assert(key.startsWith(streamFolder(KEY)));
  assert(streamFolder(KEY).startsWith(STREAMS_FOLDER));
  assert(!recordKey("a.bc", 0).startsWith(streamFolder("a.b")));
});

Deno.test("recordKey gives keys that sort as their seqs do, up to the largest", () => {
  const seqs = fc.oneof(fc.nat({ max: 2000 }), fc.maxSafeNat());
  fc.assert(fc.property(seqs, seqs, (a, b) => {
    assert.equal(recordKey(KEY, a) < recordKey(KEY, b), a < b);
  }));
});
