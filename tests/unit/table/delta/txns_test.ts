import assert from "node:assert/strict";
import { markIn, txnsOf } from "../../../../src/table/delta/txns.ts";
import { appIdOf, recordMark } from "../../../../src/table/stream_marks.ts";

Deno.test("a mark goes through txns and back, and a stream without one has none", () => {
  const record = recordMark("fedcba98-7654-3210-ffff-ffffffffffff");
  const appId = appIdOf("collection.shop.orders", "01234567");
  const txns = new Map(txnsOf(appId, { seq: 7, record }).map((t) => [t.appId, t.version]));
  assert.deepEqual(markIn(txns, appId), { seq: 7, record });
  assert.equal(markIn(txns, appIdOf("collection.shop.orders", "76543210")), undefined);
});
