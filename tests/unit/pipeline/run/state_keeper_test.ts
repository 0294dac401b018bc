import assert from "node:assert/strict";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";
import { positionAt } from "../../../../src/model/position.ts";
import type { BatchRecord, GenesisRecord } from "../../../../src/model/record.ts";
import { JournalTail } from "../../../../src/pipeline/record/journal_tail.ts";
import { StateKeeper } from "../../../../src/pipeline/run/state_keeper.ts";
import { type Instance, LakeWorld, ORDERS, SETTINGS } from "../../../support/lake_world.ts";

const KEY = "collection.shop.orders";

Deno.test("StateKeeper adds what is stored to what the store knows", async () => {
  const { world, one, keeper } = begin();
  await world.state.save(KEY, {
    stream: "collection:shop.orders",
    seq: 0,
    position: positionAt({ t: 1, i: 1 }),
    generation: 1,
    owner: "before",
    events: 100,
    objects: 10,
    bytes: 1000,
    deadLetters: 1,
    updatedAt: "2026-01-01T00:00:00Z",
  });
  keeper.stored(batch(one, 2, 3));
  keeper.stored(batch(one, 4, 0));
  await keeper.save();
  const state = await world.state.load(KEY);
  assert.deepEqual(
    [state?.events, state?.objects, state?.bytes, state?.deadLetters],
    [106, 12, 1060, 4],
  );
  assert.deepEqual([state?.owner, state?.stream], ["instance-1", "collection:shop.orders"]);
  await keeper.close();
});

Deno.test("StateKeeper has one save on its way at a time, and the last one says all", async () => {
  const { world, one, keeper } = begin();
  const held = Promise.withResolvers<void>();
  let saves = 0;
  one.outside.plan = ({ method }) => {
    if (method !== "save") return undefined;
    return ++saves === 1 ? { kind: "held", when: "before", until: held.promise } : undefined;
  };
  for (let n = 0; n < 10; n++) {
    keeper.stored(batch(one, 1, 0));
    await world.clock.settle();
  }
  assert.equal(saves, 1);
  held.resolve();
  await keeper.close();
  assert.equal(saves, 2);
  assert.equal((await world.state.load(KEY))?.events, 10);
});

Deno.test("StateKeeper reports a failed save and counts what it could not tell with the next", async () => {
  const { world, one, keeper } = begin();
  const error = new TransientError("no space left");
  one.outside.plan = ({ target }) =>
    target === "state" ? { kind: "error", when: "before", error } : undefined;
  keeper.stored(batch(one, 5, 0));
  await keeper.close();
  const [failed] = one.eventsOf("state-save-failed");
  assert.equal(failed?.reason, "no space left");
  one.outside.plan = () => undefined;
  keeper.stored(batch(one, 2, 0));
  await keeper.close();
  assert.equal((await world.state.load(KEY))?.events, 7);
});

Deno.test("StateKeeper saves over a state that is damaged", async () => {
  const { world, one, keeper } = begin();
  const error = new PermanentError("not JSON");
  one.outside.plan = ({ target, method }) =>
    target === "state" && method === "load" ? { kind: "error", when: "before", error } : undefined;
  keeper.stored(batch(one, 5, 0));
  await keeper.close();
  assert.deepEqual(one.eventsOf("state-save-failed"), []);
  assert.equal((await world.state.load(KEY))?.events, 5);
});

function begin(): { world: LakeWorld; one: Instance; keeper: StateKeeper } {
  const world = new LakeWorld();
  const one = world.instance();
  const tail = new JournalTail(one.context, one.lease, genesis(), {
    lake: "0a1b2c3d",
    source: {},
    settings: SETTINGS,
    settingsSeq: 0,
  });
  return { world, one, keeper: new StateKeeper(one.context, one.lease, tail) };
}

const BASE = {
  v: 1,
  seq: 0,
  from: positionAt({ t: 10, i: 1 }),
  to: positionAt({ t: 10, i: 1 }),
  id: "id",
  owner: "instance-1",
  generation: 1,
  settingsSeq: 0,
  durableThrough: 0,
  writtenAt: "2026-11-21T00:00:00Z",
} as const;

function genesis(): GenesisRecord {
  const facts = { stream: ORDERS, lake: "0a1b2c3d", source: {}, settings: SETTINGS };
  return { ...BASE, kind: "genesis", ...facts };
}

/** A batch of one object and some dead letters. */
function batch(one: Instance, rows: number, deadLetters: number): BatchRecord {
  const { key } = one.context;
  const object = { key, database: "shop", collection: "orders", bucket: "", rows, bytes: 30 };
  const events = Array.from({ length: deadLetters }, () => ({ data: "82", reason: "odd" }));
  const letters = deadLetters === 0 ? [] : [{ key: "letters", bytes: 1, events }];
  return { ...BASE, seq: 1, kind: "batch", objects: [object], deadLetters: letters };
}
