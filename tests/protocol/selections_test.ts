/** Writers of one journal that select different events: only one may run, and it misses nothing of its own. */
import assert from "node:assert/strict";
import { comparePositions } from "../../src/model/position.ts";
import type { JournalRecord } from "../../src/model/record.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import type { Stream } from "../../src/model/stream.ts";
import { isFarewell } from "../../src/pipeline/record/farewell.ts";
import { readLake } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld } from "../support/lake_world.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const SEEDS = Number(Deno.env.get("PROTOCOL_SEEDS") ?? 12);
const SHOP: Stream = { level: "database", database: "shop" };

const SILENCE_MS = 30_000;

/** Longer than anybody waits for another to be heard. */
const PATIENCE_MS = 40_000;

Deno.test("of two writers with other filters one runs, and the other says why it does not", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    await raceFilters(seed).catch((cause) => {
      throw new Error(`Failed with seed ${seed}`, { cause });
    });
  }
});

Deno.test("a filter is changed at once where its writer has stopped", async () => {
  const world = new LakeWorld();
  insert(world);
  for (const filter of ["a", "b", "a"]) {
    insert(world);
    await instance(world, filter).runToEnd();
    world.pass(1);
  }
  assert.deepEqual(await filtersOf(world), ["a", "b", "a"]);
  await assertOwnEvents(world);
});

Deno.test("a filter is changed after a moved position, and after a crash once nothing was heard for long", async () => {
  const world = new LakeWorld();
  insert(world);
  const crashed = instance(world, "a");
  crashed.supervise();
  await world.clock.until(() => crashed.isCaughtUp() && crashed.isStored());
  crashed.outside.kill();
  const next = instance(world, "b");
  const supervised = next.supervise();
  await world.clock.until(() => supervised.condition === "waiting");
  assert.match(
    String(supervised.error),
    /Waiting to run database:shop: instance-1 wrote its journal last, with other settings \(the collections\), and has not said/,
  );
  const failures = next.eventsOf("stream-failed");
  assert(failures.length > 0 && failures.every(({ waits }) => waits));
  await world.clock.advance(PATIENCE_MS);
  assert.equal(supervised.condition, "running");
  insert(world);
  await world.clock.until(() => next.isCaughtUp() && next.isStored());
  next.stop();
  await world.clock.finish(supervised.ended);
  await assertOwnEvents(world);
});

Deno.test("a writer that cut in on a silent one stays audible, so that the two do not take turns", async () => {
  const world = new LakeWorld();
  insert(world);
  const options = { heartbeatMsMax: 600_000 };
  const [one, two] = [
    world.instance({ stream: SHOP, settings: only("a"), options }),
    world.instance({ stream: SHOP, settings: only("b"), options }),
  ];
  const first = one.supervise();
  await world.clock.until(() => one.isCaughtUp() && one.isStored());
  const second = two.supervise();
  // Events that neither selects: nobody has anything to say but that it is there.
  for (let minute = 0; minute < 60; minute++) {
    world.insert(1, "none");
    world.pass(60);
    await world.clock.advance(60_000);
  }
  assert.deepEqual(await filtersOf(world), ["a", "b"]);
  assert.equal(first.condition, "waiting");
  insert(world);
  await world.clock.until(() => two.isCaughtUp() && two.isStored());
  for (const each of [one, two]) each.stop();
  await world.clock.finish(Promise.all([first.ended, second.ended]));
  await assertOwnEvents(world);
});

Deno.test("a writer that removes no fields waits for one that does, and stores nothing meanwhile", async () => {
  const world = new LakeWorld();
  world.insert(4);
  const careful = world.instance({ settings: { redact: ["number"] } });
  careful.supervise();
  await world.clock.until(() => careful.isCaughtUp() && careful.isStored());
  const careless = world.instance();
  const supervised = careless.supervise();
  await world.clock.until(() => supervised.condition === "waiting");
  assert.match(
    String(supervised.error),
    /other settings \(REDACT\), .*for one would store what the other removes; if it is dead, do nothing/,
  );
  careless.stop();
  await world.clock.finish(supervised.ended);
  for (const key of await world.destination.list("", { limit: 1000 })) {
    const text = new TextDecoder().decode(await world.destination.get(key));
    assert.doesNotMatch(text, /"number":/, key);
  }
  careful.outside.kill();
});

Deno.test("settings that only change bytes are no reason to wait", async () => {
  const world = new LakeWorld();
  insert(world);
  const crashed = world.instance({ stream: SHOP });
  void crashed.run().catch(() => {});
  await world.clock.until(() => crashed.isCaughtUp() && crashed.isStored());
  crashed.outside.kill();
  insert(world);
  const jsonMode = "canonical" as const;
  const encoding = { format: "jsonl" as const, compression: "none" as const, jsonMode };
  await world.instance({ stream: SHOP, settings: { encoding, fullDocument: "when-available" } })
    .runToEnd();
  const changed = (await world.records(SHOP)).filter(({ kind }) => kind === "settings");
  assert.equal(changed.length, 1);
});

async function raceFilters(seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const world = new LakeWorld(seed);
  const latencyMs = () => random.chance(0.7) ? 0 : random.below(400);
  const writers = ["a", "b"].map((filter) =>
    world.instance({ stream: SHOP, settings: only(filter), latencyMs })
  );
  const supervised = writers.map((writer) => writer.supervise());
  for (let round = 0; round < 25; round++) {
    insert(world, random);
    if (random.chance(0.2)) world.pass(600);
    const writer = random.pick(writers);
    if (random.chance(0.3)) writer.outside.freeze();
    await world.clock.advance(random.below(random.chance(0.1) ? 60_000 : 6000));
    writer.outside.thaw();
  }
  // Whoever is not in force finds out at its next append.
  insert(world, random);
  await world.clock.until(() => supervised.some(({ condition }) => condition === "waiting"));
  const filters = await filtersOf(world);
  for (const writer of writers) writer.stop();
  await world.clock.finish(Promise.all(supervised.map(({ ended }) => ended)));
  await instance(world, filters.at(-1)!).runToEnd();
  await assertOwnEvents(world);
  await assertChangedAfterSilence(world);
}

/** A selection is changed only where its writer has stopped, or nothing was heard of it. */
async function assertChangedAfterSilence(world: LakeWorld): Promise<void> {
  const records = await world.records(SHOP);
  for (const [seq, { kind, writtenAt }] of records.entries()) {
    const before = records[seq - 1];
    if (kind !== "settings" || before === undefined || isFarewell(before)) continue;
    const silentMs = Date.parse(writtenAt) - Date.parse(before.writtenAt);
    assert(silentMs >= SILENCE_MS, `record ${seq} came ${silentMs} ms after the one before`);
  }
}

function insert(world: LakeWorld, random = new SeededRandom(1)): void {
  for (const collection of ["a", "b"]) world.insert(1 + random.below(4), collection);
}

function only(collection: string): Partial<StreamSettings> {
  return { namespaces: { include: [`shop.${collection}`], exclude: [] } };
}

function instance(world: LakeWorld, filter: string): Instance {
  return world.instance({ stream: SHOP, settings: only(filter) });
}

/** The filters that were in force, one after the other. */
async function filtersOf(world: LakeWorld): Promise<string[]> {
  return (await world.records(SHOP)).flatMap((record) => filterOf(record) ?? []);
}

function filterOf(record: JournalRecord): string | undefined {
  if (record.kind !== "genesis" && record.kind !== "settings") return undefined;
  return record.settings.namespaces.include[0]!.slice("shop.".length);
}

/** Each stretch of the journal has brought all events of the filter that was in force, and none else. */
async function assertOwnEvents(world: LakeWorld): Promise<void> {
  const { records, stored } = await readLake(world, { stream: SHOP });
  const expected: string[] = [];
  let filter = "";
  for (const record of records) {
    filter = filterOf(record) ?? filter;
    for (const { time, data, change } of world.oplog.entries) {
      const at = { operationTime: time, data };
      const isIn = comparePositions(at, record.from) > 0 && comparePositions(at, record.to) <= 0;
      if (isIn && change.collection === filter) expected.push(data);
    }
  }
  assert.deepEqual([...stored].sort(), expected.sort());
}
