import assert from "node:assert/strict";
import type { StreamSettings } from "../../../../src/model/settings.ts";
import type { Stream } from "../../../../src/model/stream.ts";
import { whyNeverShared } from "../../../../src/source/shared/why_alone.ts";
import { PLAIN_SETTINGS } from "../../../contract/source_contract.ts";

const ORDERS: Stream = { level: "collection", database: "shop", collection: "orders" };

Deno.test("whyNeverShared: what is no whole collection, not read by namespace, or reshaped by stages", () => {
  const why = (stream: Stream, differs: Partial<StreamSettings> = {}) =>
    whyNeverShared({ stream, settings: { ...PLAIN_SETTINGS, reading: "namespace", ...differs } });
  assert.equal(why(ORDERS), undefined);
  assert.equal(why({ level: "deployment" }), "level");
  assert.equal(why({ level: "database", database: "shop" }), "level");
  assert.equal(why({ ...ORDERS, partition: { index: 1, of: 4, epoch: 1 } }), "partition");
  assert.equal(whyNeverShared({ stream: ORDERS, settings: PLAIN_SETTINGS }), "own");
  assert.equal(why(ORDERS, { stages: [{ $match: { a: 1 } }] }), undefined);
  assert.equal(why(ORDERS, { stages: [{ $unset: "ns" }] }), "stages");
});
