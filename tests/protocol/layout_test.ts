/** "Partitions": a layout changes on a running fleet, and each event is still there once. */
import assert from "node:assert/strict";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import { type CollectionStream, epochOf, streamsOfLayout } from "../../src/model/layout.ts";
import { positionAt } from "../../src/model/position.ts";
import { streamKey, targetKey } from "../../src/model/stream.ts";
import { completeLayout } from "../../src/pipeline/layout/barrier.ts";
import {
  fixFirstLayout,
  readLayouts,
  streamsToRun,
} from "../../src/pipeline/layout/layout_streams.ts";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import { expectedTokens, readLake } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld, OPLOG_SECONDS_FIRST, ORDERS } from "../support/lake_world.ts";

const COLLECTION = ORDERS as CollectionStream;
const TARGET = targetKey(COLLECTION);
const SECONDS_MAX = 300;

/** Runs all streams of a collection that are to run, one instance each, as a coordinator would. */
class Fleet {
  readonly world = new LakeWorld();
  readonly layouts = createObjectLayouts(this.world.destination);
  readonly #running = new Map<string, Instance>();

  /** One turn: ended streams go, those that may run are started, the server gets on a second. */
  async turn(): Promise<void> {
    const { world } = this;
    for (const [key, instance] of this.#running) {
      if (instance.outcome !== undefined) this.#running.delete(key);
    }
    for (const stream of await streamsToRun(world.journal, this.layouts, COLLECTION)) {
      const key = streamKey(stream);
      if (this.#running.has(key)) continue;
      const instance = world.instance({ stream });
      this.#running.set(key, instance);
      // A failure ends this run only: the next turn starts the stream again.
      instance.run().catch(() => this.#running.delete(key));
    }
    world.pass(1);
    await world.clock.advance(1000);
  }

  /** Writes and turns until the condition holds. */
  async turnUntil(condition: () => Promise<boolean>, inserts = 3): Promise<void> {
    for (let second = 0; second < SECONDS_MAX; second++) {
      if (await condition()) return;
      this.world.insert(inserts);
      await this.turn();
    }
    assert.fail(`the condition does not hold after ${SECONDS_MAX} s`);
  }

  /** Begins a change of the layout; `complete: false` is an operator who dies in between. */
  async change(of: number, complete = true): Promise<number> {
    const before = (await readLayouts(this.layouts, TARGET)).at(-1) ?? { epoch: 0, of: 1 };
    const epoch = before.epoch + 1;
    const intent = await this.layouts.putIntent(TARGET, { epoch, of });
    const source = createMemorySource({ oplog: this.world.oplog, clock: this.world.clock });
    const signal = new AbortController().signal;
    const parts = { journal: this.world.journal, layouts: this.layouts, source };
    const streams = streamsOfLayout(COLLECTION, before);
    if (complete) await completeLayout(parts, streams, intent, signal);
    return epoch;
  }

  async isInEpoch(epoch: number): Promise<boolean> {
    const streams = await streamsToRun(this.world.journal, this.layouts, COLLECTION);
    const begun = await Promise.all(streams.map((s) => this.world.journal.read(streamKey(s), 0)));
    return streams.every((s) => epochOf(s) === epoch) && begun.every((r) => r !== undefined);
  }

  /** Kills what runs now; the next turn starts it again. */
  crash(): void {
    for (const instance of this.#running.values()) instance.outside.kill();
    this.#running.clear();
  }

  async stop(): Promise<void> {
    // A stream whose run has just failed is started again first.
    for (let i = 0; i < 5; i++) await this.turn();
    const instances = [...this.#running.values()];
    await this.world.clock.until(() => instances.every((i) => i.isCaughtUp()));
    for (const instance of instances) instance.stop();
    await this.world.clock.advance(5000);
  }

  /** Over all partitions ever, each event of the collection is there once. */
  async assertExactlyOnce(): Promise<void> {
    const stored: string[] = [];
    for (const key of await this.world.journal.streams()) {
      const genesis = await this.world.journal.read(key, 0);
      assert.equal(genesis?.kind, "genesis");
      const stream = genesis?.kind === "genesis" ? genesis.stream : COLLECTION;
      stored.push(...(await readLake(this.world, { stream })).stored);
    }
    const from = positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 });
    const expected = expectedTokens(this.world.oplog.entries, COLLECTION, from);
    assert.equal(new Set(stored).size, stored.length, "no event is there twice");
    assert.deepEqual(stored.sort(), expected.sort());
  }
}

async function divided(of: number): Promise<Fleet> {
  const fleet = new Fleet();
  const start = () => Promise.resolve(positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 }));
  await fixFirstLayout(fleet.world.journal, fleet.layouts, COLLECTION, of, start);
  await fleet.turnUntil(() => fleet.isInEpoch(of === 1 ? 0 : 1));
  return fleet;
}

for (const steps of [[4, 2, 4], [1, 3, 1], [2, 5]]) {
  Deno.test(`a layout that goes ${steps.join(" -> ")} loses and doubles nothing`, async () => {
    const [first, ...changes] = steps as [number, ...number[]];
    const fleet = await divided(first);
    for (const of of changes) {
      const epoch = await fleet.change(of);
      await fleet.turnUntil(() => fleet.isInEpoch(epoch));
    }
    await fleet.stop();
    await fleet.assertExactlyOnce();
  });
}

Deno.test("two changes of a layout at once take effect one after the other", async () => {
  const fleet = await divided(2);
  await fleet.change(3);
  const epoch = await fleet.change(4);
  await fleet.turnUntil(() => fleet.isInEpoch(epoch));
  await fleet.stop();
  await fleet.assertExactlyOnce();
});

Deno.test("a change of a layout whose operator died is completed by the streams", async () => {
  const fleet = await divided(2);
  const epoch = await fleet.change(3, false);
  await fleet.turnUntil(() => fleet.isInEpoch(epoch));
  await fleet.stop();
  await fleet.assertExactlyOnce();
});

Deno.test("a change of a layout with a crash at any moment loses and doubles nothing", async () => {
  for (let turns = 0; turns < 6; turns++) {
    const fleet = await divided(3);
    const epoch = await fleet.change(2);
    for (let i = 0; i < turns; i++) {
      fleet.world.insert(5);
      await fleet.turn();
    }
    fleet.crash();
    await fleet.turnUntil(() => fleet.isInEpoch(epoch));
    await fleet.stop();
    await fleet.assertExactlyOnce();
  }
});

Deno.test("a partition that was paused through a change of the layout stays before the barrier", async () => {
  const fleet = await divided(2);
  const { world } = fleet;
  const [stream] = await streamsToRun(world.journal, fleet.layouts, COLLECTION);
  const before = await world.records(stream);
  fleet.crash();
  // This one has read beyond the barrier before the barrier exists, and appends only afterwards.
  const zombie = world.instance({ stream: stream!, options: { batchAgeMsMax: 5000 } });
  const running = zombie.run().catch(() => {});
  world.insert(3);
  world.pass(1);
  await world.clock.advance(1000);
  const epoch = await fleet.change(3);
  const barrier = (await readLayouts(fleet.layouts, TARGET)).at(-1)!.barrier;
  world.pass(1);
  world.insert(10);
  await world.clock.advance(10_000);
  const records = await world.records(stream);
  assert.ok(records.length > before.length, "it went on");
  assert.ok(records.every((r) => r.to.data <= barrier.data), "nothing lies beyond the barrier");
  zombie.stop();
  await world.clock.finish(running);
  await fleet.turnUntil(() => fleet.isInEpoch(epoch));
  await fleet.stop();
  await fleet.assertExactlyOnce();
});
