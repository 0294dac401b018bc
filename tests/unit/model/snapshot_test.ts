import assert from "node:assert/strict";
import { compareTokens, positionAfterTime } from "../../../src/model/position.ts";
import {
  initialId,
  isRangeKey,
  parseRangeKey,
  rangeKey,
  rangeName,
  rowSuffix,
  rowToken,
} from "../../../src/model/snapshot.ts";
import { chooseStreamKeys, nameOfKey } from "../../../src/model/stream_choice.ts";
import type { Stream } from "../../../src/model/stream.ts";

const ORDERS: Stream = { level: "collection", database: "shop", collection: "orders.2026" };
const SHOP: Stream = { level: "database", database: "shop" };

Deno.test("a range's key says of what it is, and is told from those of streams", () => {
  for (const [stream, name] of [[ORDERS, "shop.orders.2026"], [SHOP, "database:shop"]] as const) {
    const key = rangeKey(initialId(stream), 3, 16);
    assert(isRangeKey(key));
    assert.deepEqual(parseRangeKey(key), { id: initialId(stream), index: 3, of: 16, stream });
    assert.equal(rangeName(key), `snapshot:${name} 3/16`);
    assert.equal(nameOfKey(key), `snapshot:${name} 3/16`);
  }
  assert(!isRangeKey("collection.snapshot.orders"));
});

Deno.test("a person who names a collection means the ranges of its snapshot, too", () => {
  const key = rangeKey(initialId(ORDERS), 1, 1);
  assert.deepEqual(chooseStreamKeys([key], "shop.orders.2026"), [key]);
  assert.deepEqual(chooseStreamKeys([key], "shop.orders"), []);
});

Deno.test("a row's token sorts behind all events of its time and before those of the next", () => {
  const time = { t: 1_795_194_000, i: 7 };
  const first = rowToken(time, rowSuffix("a", 1), 0);
  const second = rowToken(time, rowSuffix("a", 1), 255);
  const later = rowToken(time, rowSuffix("a", 1), 256);
  assert.equal(first.length, 44);
  assert.equal(second.length, 44);
  assert(compareTokens(positionAfterTime(time).data, first) < 0);
  assert(compareTokens(first, second) < 0);
  assert(compareTokens(second, later) < 0);
  const next = positionAfterTime({ ...time, i: 8 }).data;
  assert(compareTokens(later, next) < 0);
  assert(compareTokens(later, next.slice(0, -2) + "2B0229296E04") < 0);
  assert(compareTokens(positionAfterTime(time).data.slice(0, -2) + "2B0229296E04", first) < 0);
});

Deno.test("two snapshots, and two ranges of one, never give one token", () => {
  const suffixes = [rowSuffix("a", 1), rowSuffix("a", 2), rowSuffix("b", 1)];
  assert.equal(new Set(suffixes).size, 3);
  assert(suffixes.every((suffix) => /^[0-9A-F]{12}$/.test(suffix)));
});
