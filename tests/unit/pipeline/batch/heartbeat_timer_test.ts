import assert from "node:assert/strict";
import { positionAt } from "../../../../src/model/position.ts";
import { Batcher } from "../../../../src/pipeline/batch/batcher.ts";
import { BatchWriter } from "../../../../src/pipeline/batch/batch_writer.ts";
import { HeartbeatTimer } from "../../../../src/pipeline/batch/heartbeat_timer.ts";
import { openJournal } from "../../../../src/pipeline/recover/open_journal.ts";
import { Wake } from "../../../../src/support/flow/notify.ts";
import { replyOf } from "../../../support/event_factory.ts";
import {
  type Instance,
  LakeWorld,
  OPLOG_SECONDS_FIRST,
  ORDERS,
} from "../../../support/lake_world.ts";

const LIMITS = { rowsMax: 100, bytesMax: 1 << 20, objectsMax: 100 };
const T = OPLOG_SECONDS_FIRST;

Deno.test("HeartbeatTimer beats once the journal was silent for the interval", async () => {
  const { world, beats, seen } = await begin();
  seen(T + 50);
  await world.clock.advance(59_999);
  assert.equal(beats(), false);
  await world.clock.advance(1);
  assert.equal(beats(), true);
  await world.clock.settle();
  const last = (await world.records()).at(-1)!;
  assert.deepEqual([last.kind, last.to.operationTime.t], ["heartbeat", T + 50]);
  // The silence begins anew.
  seen(T + 100);
  await world.clock.advance(59_000);
  assert.equal(beats(), false);
});

Deno.test("HeartbeatTimer does not beat where there is no news, or an event waits", async () => {
  const { world, beats, batcher, seen } = await begin();
  await world.clock.advance(120_000);
  assert.equal(beats(), false);
  seen(T + 50);
  const event = { t: T + 60, i: 1, database: "shop", collection: "orders" };
  batcher.add({ reply: replyOf([event]), next: 0 });
  assert.equal(beats(), false);
  batcher.cut();
  assert.equal(beats(), true);
  await world.clock.settle();
});

Deno.test("HeartbeatTimer counts the silence from the last record of any kind", async () => {
  const { world, writer, beats, seen } = await begin();
  await world.clock.advance(50_000);
  writer.mark({ kind: "reopened", to: positionAt({ t: T + 10, i: 1 }) });
  await world.clock.settle();
  seen(T + 50);
  assert.equal(beats(), false);
  await world.clock.advance(59_000);
  assert.equal(beats(), false);
  await world.clock.advance(1000);
  assert.equal(beats(), true);
  await world.clock.settle();
});

Deno.test("HeartbeatTimer follows the oplog's window, down to a second", async () => {
  for (const [windowSeconds, intervalMs] of [[100, 10_000], [3, 1000], [10_000, 60_000]] as const) {
    const { world, one, timer, beats, seen } = await begin();
    world.pass(windowSeconds);
    timer.followOplog(one.lease.signal);
    await timer.close();
    seen(T + windowSeconds);
    await world.clock.advance(intervalMs - 1);
    assert.equal(beats(), false, `window ${windowSeconds}`);
    await world.clock.advance(1);
    assert.equal(beats(), true, `window ${windowSeconds}`);
    await world.clock.settle();
  }
});

Deno.test("HeartbeatTimer keeps its interval where the server does not answer", async () => {
  const { world, one, timer, beats, seen } = await begin();
  one.outside.plan = ({ method }) =>
    method === "describe"
      ? { kind: "error", when: "before", error: new Error("no answer") }
      : undefined;
  timer.followOplog(one.lease.signal);
  await timer.close();
  seen(T + 50);
  await world.clock.advance(60_000);
  assert.equal(beats(), true);
  await world.clock.settle();
});

interface Begun {
  readonly world: LakeWorld;
  readonly one: Instance;
  readonly writer: BatchWriter;
  readonly batcher: Batcher;
  readonly timer: HeartbeatTimer;
  beats(): boolean;
  /** The server has shown its high-water mark of this second. */
  seen(t: number): void;
}

async function begin(): Promise<Begun> {
  const world = new LakeWorld();
  const one = world.instance();
  const { context, lease } = one;
  const tail = await world.clock.finish(openJournal(context, lease));
  const writer = new BatchWriter(context, lease, tail, new Wake(context.clock), () => {});
  const batcher = new Batcher(ORDERS, tail.position, "hour", LIMITS);
  const timer = new HeartbeatTimer(context, tail, writer);
  const beats = () => timer.beatIfDue(batcher, lease.signal);
  const seen = (t: number) => void batcher.add({ reply: replyOf([], { t, i: 1 }), next: 0 });
  return { world, one, writer, batcher, timer, beats, seen };
}
