import assert from "node:assert/strict";
import { createInstruments } from "../../../../src/observe/metrics/instruments.ts";
import { measureLosses } from "../../../../src/observe/metrics/loss_gauges.ts";
import { StreamBoard } from "../../../../src/observe/status/stream_board.ts";
import { CARTS, ORDERS } from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("measureLosses adds up what streams with one label have lost, and leaves out what is not counted yet", async () => {
  const clock = new VirtualClock();
  const everywhere = { instance_id: "a", instance_name: "a", pipeline: "shop" };
  const { gauges } = createInstruments({ prefix: "t", everywhere, clock });
  const board = new StreamBoard(clock);
  const uncounted = { key: "collection.shop.new", name: "collection:shop.new" };
  for (const stream of [ORDERS, CARTS, uncounted]) {
    board.take(stream, { type: "stream-started", generation: 1 });
  }
  const losses = { gaps: 1, voidedObjects: 2, deadLetters: 3, acceptedRecords: 4, seq: 9 };
  for (const stream of [ORDERS, CARTS]) board.take(stream, { type: "losses-known", ...losses });
  let unheld: Parameters<typeof measureLosses>[2] = [];
  const measure = async (labelOf: (name: string) => string) => {
    measureLosses(gauges, board.streams, unheld, labelOf);
    const { values } = await gauges.lake_voided_objects.get();
    return values.map(({ labels, value }) => [labels.stream, value]);
  };
  assert.deepEqual(await measure((name) => name), [[CARTS.name, 2], [ORDERS.name, 2]]);
  assert.deepEqual(await measure(() => "_other"), [["_other", 4]]);
  // One that was just taken over is still known as one that nobody has.
  unheld = [{ ...CARTS, losses }, { key: "old", name: "old", losses }];
  const all = [[CARTS.name, 2], [ORDERS.name, 2], ["old", 2]];
  assert.deepEqual(await measure((name) => name), all);
});
