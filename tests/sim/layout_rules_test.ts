import assert from "node:assert/strict";
import { asEnd, type Position, positionAfterTime } from "../../src/model/position.ts";
import type { JournalRecord } from "../../src/model/record.ts";
import type { Stream } from "../../src/model/stream.ts";
import { assertPartitionBegins } from "./layout_rules.ts";

const ORDERS = { level: "collection", database: "shop", collection: "orders" } as const;
const PARTITION: Stream = { ...ORDERS, partition: { epoch: 1, index: 1, of: 2 } };
const START = positionAfterTime({ t: 100, i: 1 });
const BARRIERS = new Map([["collection.shop.orders/1", START]]);

/** A partition begins beside a journal of the whole collection with records that come to these places. */
function begin(ends: readonly Position[]): void {
  const records = ends.map((to, seq) => {
    return { kind: seq === 0 ? "genesis" : "heartbeat", seq, to } as JournalRecord;
  });
  const journals = new Map([["collection.shop.orders", { stream: ORDERS, records }]]);
  assertPartitionBegins(PARTITION, START, BARRIERS, journals);
}

Deno.test("a partition may begin while what is whole stands where both begin, whatever it says there", () => {
  begin([START]);
  begin([START, asEnd(START)]);
  begin([START, START, START]);
});

Deno.test("a partition must not begin while what is whole has gone on", () => {
  const beyond = positionAfterTime({ t: 101, i: 1 });
  assert.throws(() => begin([START, beyond]), /two epochs at once/);
  assert.throws(() => begin([beyond]), /two epochs at once/);
});
