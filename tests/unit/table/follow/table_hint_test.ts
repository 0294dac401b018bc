import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import {
  hintKey,
  readHint,
  type TableHint,
  writeHint,
} from "../../../../src/table/follow/table_hint.ts";
import { NO_HOLES } from "../../../../src/table/table_log.ts";

Deno.test("a hint is read as it was written; one that is damaged or of another version is none", async () => {
  const place = { store: new MemoryDestination(), key: hintKey("delta") };
  assert.equal(await readHint(place), undefined);
  const hint: TableHint = {
    streams: {
      "collection.shop.orders": { seq: 3, id: "a", holes: NO_HOLES, elsewhere: { "shop.a/b": 1 } },
    },
    tables: {
      a: { database: "shop", collection: "orders", streams: [], known: { id: "i", version: 2 } },
    },
    refusals: { "shop.a/b": { s: { why: "a %" }, t: { why: "jsonl", folder: "f" } } },
  };
  await writeHint(place, hint);
  assert.deepEqual(await readHint(place), hint);
  const odd = [
    '{"v":1,"streams":null,"tables":{}}',
    '{"v":1,"streams":{"a":null},"tables":{}}',
    '{"v":1,"streams":{"a":{"seq":"3","id":"x","holes":{}}},"tables":{}}',
    '{"v":1,"streams":{},"tables":{"a":{"database":"shop","collection":"orders"}}}',
    '{"v":1,"streams":[],"tables":{}}',
  ];
  for (
    const text of [...odd, "{", '{"v":2,"streams":{},"tables":{}}', '{"v":1,"streams":{}}', "null"]
  ) {
    await place.store.replace(place.key, new TextEncoder().encode(text));
    assert.equal(await readHint(place), undefined, text);
  }
});
