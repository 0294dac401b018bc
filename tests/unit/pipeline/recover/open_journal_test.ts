import assert from "node:assert/strict";
import { PermanentError } from "../../../../src/model/errors.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { openJournal } from "../../../../src/pipeline/recover/open_journal.ts";
import type { JournalTail } from "../../../../src/pipeline/record/journal_tail.ts";
import {
  type Instance,
  type InstanceChoice,
  LakeWorld,
  SETTINGS,
} from "../../../support/lake_world.ts";

const KEY = "collection.shop.orders";

Deno.test("openJournal begins a journal where there is none", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  const tail = await open(one);
  assert.equal(tail.last.kind, "genesis");
  assert.deepEqual([tail.facts.settingsSeq, tail.facts.settings], [0, SETTINGS]);
  assert.deepEqual(one.events.map((e) => e.type), [
    "record-appended",
    "genesis-written",
    "journal-opened",
  ]);
});

Deno.test("openJournal tells of a last writer that has not said that it stopped", async () => {
  const world = new LakeWorld();
  const unfinished = async () => {
    const one = world.instance();
    await open(one);
    return one.eventsOf("journal-opened")[0]!.unfinished;
  };
  assert.equal(await unfinished(), undefined);
  const [{ owner, writtenAt }] = await world.records() as [JournalRecord];
  assert.deepEqual(await unfinished(), { owner, writtenAt });
  world.insert(8);
  await world.instance().runToEnd();
  assert.equal(await unfinished(), undefined);
});

Deno.test("openJournal says where the state store has seen a record that the journal lacks, and goes on", async () => {
  const world = new LakeWorld();
  world.insert(8);
  await world.instance().runToEnd();
  const { seq } = (await world.records()).at(-1)!;
  const state = (await world.state.load(KEY))!;
  await world.state.save(KEY, { ...state, seq: seq + 3 });
  const one = world.instance();
  await open(one);
  assert.deepEqual(one.eventsOf("records-missing").map((e) => [e.seq, e.known]), [[seq, seq + 3]]);
});

Deno.test("openJournal finds the last record and the settings in force", async () => {
  const { world, changed } = await worldWithSettings();
  const tail = await open(world.instance(changed));
  assert.equal(tail.last.seq, (await world.records()).length - 1);
  assert.equal(tail.facts.settingsSeq, 3);
  assert.deepEqual(tail.facts.settings, { ...SETTINGS, ...changed.settings });
});

Deno.test("openJournal notes changed settings once, by name, and equal ones never", async () => {
  const { world, changed } = await worldWithSettings();
  const length = (await world.records()).length;
  await open(world.instance(changed));
  assert.equal((await world.records()).length, length);
  const back = world.instance();
  await open(back);
  const record = (await world.records())[length]!;
  assert.equal(record.kind === "settings" && record.changed.join(), "encoderVersion");
  assert.deepEqual(back.eventsOf("settings-changed").map((e) => e.changed), [["encoderVersion"]]);
  assert.deepEqual(record.to, record.from);
});

Deno.test("openJournal goes by the journal where the state is damaged, and says so", async () => {
  const error = new PermanentError("not JSON");
  const { world, changed } = await worldWithSettings();
  const one = world.instance(changed);
  one.outside.plan = ({ target, method }) =>
    target === "state" && method === "load" ? { kind: "error", when: "before", error } : undefined;
  const tail = await open(one);
  assert.equal(tail.last.seq, (await world.records()).length - 1);
  assert.deepEqual(one.eventsOf("state-unreadable").map((e) => e.reason), [error.message]);
});

Deno.test("openJournal begins no journal where a damaged state is the only sign of an earlier one", async () => {
  const one = new LakeWorld().instance();
  const error = new PermanentError("not JSON");
  one.outside.plan = ({ target, method }) =>
    target === "state" && method === "load" ? { kind: "error", when: "before", error } : undefined;
  await assert.rejects(open(one), error);
});

Deno.test("openJournal refuses a journal that was closed, and says why", async () => {
  const world = new LakeWorld();
  await open(world.instance());
  const [genesis] = await world.records();
  await append(world, { ...baseOf(genesis!), seq: 1, kind: "closed", reason: "retired" });
  await assert.rejects(
    open(world.instance()),
    (e) => e instanceof PermanentError && /its journal was closed \(retired\)/.test(e.message),
  );
});

Deno.test("openJournal refuses a journal whose settings record is another one", async () => {
  const world = new LakeWorld();
  await open(world.instance());
  const [genesis] = await world.records();
  const heartbeat = { ...baseOf(genesis!), kind: "heartbeat" } as const;
  await append(world, { ...heartbeat, seq: 1 });
  await append(world, { ...heartbeat, seq: 2, settingsSeq: 1 });
  await assert.rejects(
    open(world.instance()),
    /record 1 should be settings and is heartbeat; restore .*`tributary position adopt /,
  );
});

Deno.test("openJournal tells a destination that forgets what it has confirmed", async () => {
  const world = new LakeWorld();
  const one = world.instance();
  const journal = { ...one.context.journal, append: () => Promise.resolve("appended" as const) };
  const context = { ...one.context, journal };
  await assert.rejects(
    world.clock.finish(openJournal(context, one.lease)),
    /the destination forgets what it confirmed/,
  );
});

async function open(one: Instance): Promise<JournalTail> {
  return await one.world.clock.finish(openJournal(one.context, one.lease));
}

async function append(world: LakeWorld, record: JournalRecord): Promise<void> {
  assert.equal(await world.journal.append(KEY, record), "appended");
}

/** What a record has in common with those after it. */
function baseOf(record: JournalRecord) {
  const { v, from, to, owner, generation, settingsSeq, durableThrough, writtenAt } = record;
  const id = "another";
  return { v, from, to, id, owner, generation, settingsSeq, durableThrough, writtenAt };
}

async function worldWithSettings(): Promise<{ world: LakeWorld; changed: InstanceChoice }> {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  const changed = { settings: { encoderVersion: 2 } };
  world.insert(3);
  await world.instance(changed).runToEnd();
  return { world, changed };
}
