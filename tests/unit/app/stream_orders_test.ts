import assert from "node:assert/strict";
import type { PausedStreams, RunningStreams } from "../../../src/app/stream_orders.ts";
import { followOrders, giveOrder } from "../../../src/app/stream_orders.ts";
import { openFleet } from "../../../src/coordinate/open_fleet.ts";
import type { SupervisedStream } from "../../../src/pipeline/run/supervise_stream.ts";
import type { Status } from "../../../src/observe/status/status.ts";
import { systemRandom } from "../../../src/support/random.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const HALVES = ["collection.shop.orders.e1.1of2", "collection.shop.orders.e1.2of2"] as const;
const ITEMS = "collection.shop.items";

function instance() {
  const flushed: string[] = [];
  const run = { flush: () => void flushed.push(HALVES[0]) };
  const running: RunningStreams = new Map([[HALVES[0], {
    name: "collection:shop.orders 1/2",
    supervised: { run } as unknown as SupervisedStream,
  }]]);
  let changes = 0;
  const pauses: PausedStreams = {
    ...{ names: new Map(), sinceMs: new Map() },
    changed: () => void changes++,
  };
  const clock = new VirtualClock();
  const fleet = openFleet({ kind: "memory" }, clock, systemRandom);
  const notes: string[] = [];
  const noted = (given: ReadonlySet<string>) => void notes.push(...given);
  const parts = { fleet, running, pauses, noted, clock, isFirst: false };
  const known = [...HALVES, ITEMS].map((key) => ({
    key,
    owner: key === ITEMS ? null : "host-1",
  })) as unknown as Status["streams"];
  const give = (action: "pause" | "resume" | "flush", word: string) =>
    giveOrder(parts, known, action, word);
  return { parts, give, flushed, notes, changes: () => changes };
}

Deno.test("giveOrder means all partitions of a collection, and followOrders carries it out", async () => {
  const { parts, give, flushed, changes } = instance();
  assert.equal(await give("pause", "shop.orders"), "done");
  assert.equal(changes(), 1);
  await followOrders(parts);
  assert.deepEqual([...parts.pauses.names], [
    [HALVES[0], "collection:shop.orders 1/2"],
    [HALVES[1], "collection:shop.orders 2/2"],
  ]);
  assert.equal(await give("resume", "collection:shop.orders 2/2"), "done");
  await followOrders(parts);
  assert.deepEqual([...parts.pauses.names.keys()], [HALVES[0]]);
  assert.equal(await give("flush", "shop.orders"), "done");
  await followOrders(parts);
  assert.deepEqual(flushed, [HALVES[0]]);
  assert.deepEqual(await parts.fleet.orders.takeFlushes(HALVES), [HALVES[1]], "another one's");
});

Deno.test("giveOrder knows no stream that is not there, and flushes none that nobody reads", async () => {
  const { give, changes } = instance();
  assert.equal(await give("pause", "shop.odrers"), "unknown");
  assert.equal(await give("flush", "shop.items"), "unread");
  assert.equal(await give("pause", "shop.items"), "done");
  assert.equal(changes(), 1);
});

Deno.test("followOrders remembers since when a stream is paused, unless it was so before", async () => {
  const { parts, give } = instance();
  const { clock, pauses } = parts;
  await give("pause", "collection:shop.items");
  await followOrders({ ...parts, isFirst: true });
  await clock.advance(1000);
  await give("pause", "collection:shop.orders 1/2");
  const sinceMs = clock.wallMs();
  await followOrders(parts);
  await clock.advance(1000);
  await followOrders(parts);
  assert.deepEqual([...pauses.sinceMs], [[HALVES[0], sinceMs]]);
  await give("resume", "collection:shop.orders 1/2");
  await followOrders(parts);
  assert.deepEqual([...pauses.sinceMs], []);
});

Deno.test("followOrders hands on what was noted", async () => {
  const { parts, notes, flushed } = instance();
  await parts.fleet.orders.note("snapshot.collection.shop.orders.asked-1");
  await followOrders(parts);
  assert.deepEqual([notes, flushed], [["snapshot.collection.shop.orders.asked-1"], []]);
});
