import assert from "node:assert/strict";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";
import type { StreamSettings } from "../../../../src/model/settings.ts";
import { findMissedEvent } from "../../../../src/pipeline/recover/other_history.ts";
import type { Source } from "../../../../src/pipeline/ports.ts";
import { createMemorySource } from "../../../../src/source/memory/memory_source.ts";
import { MemoryOplog } from "../../../../src/source/memory/memory_oplog.ts";
import { LakeWorld, OPLOG_SECONDS_FIRST, ORDERS } from "../../../support/lake_world.ts";

const NEVER = new AbortController().signal;

Deno.test("findMissedEvent finds none on the journal's own server, also after drops and new collections", async () => {
  const world = await worldWithJournal();
  assert.equal(await missed(world), undefined);
  world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
  world.insert(2);
  world.pass(1000);
  assert.equal(await missed(world), undefined);
  await world.instance().runToEnd();
  assert.equal(await missed(world), undefined);
});

Deno.test("findMissedEvent finds an invalidate of before, also where streams are read by namespace now", async () => {
  const world = await worldWithJournal();
  world.oplog.append({ operation: "drop", database: "shop", collection: "orders" });
  await world.instance().runToEnd();
  assert.equal(await missed(world, undefined, { reading: "namespace" }), undefined);
});

Deno.test("findMissedEvent names the last event where a server has operations before and after it, but not it", async () => {
  const world = await worldWithJournal();
  const { data } = world.oplog.entries.at(-1)!;
  const other = new MemoryOplog({ t: OPLOG_SECONDS_FIRST - 1000, i: 1 });
  other.advanceTo({ t: OPLOG_SECONDS_FIRST + 1000, i: 1 });
  assert.equal(await missed(world, sourceOf(world, other)), data);
  // At the very time another one has something else.
  const twin = new MemoryOplog({ t: OPLOG_SECONDS_FIRST, i: 1 });
  for (let i = 0; i < 3; i++) {
    twin.append({ operation: "insert", database: "shop", collection: "items" });
  }
  twin.advanceTo({ t: OPLOG_SECONDS_FIRST + 1000, i: 1 });
  assert.equal(await missed(world, sourceOf(world, twin)), data);
});

Deno.test("findMissedEvent says nothing where the oplog does not reach back, or the journal has no event", async () => {
  const world = await worldWithJournal();
  world.pass(1000);
  world.oplog.truncateBefore(world.oplog.operationTime);
  assert.equal(await missed(world), undefined);
  const idle = new LakeWorld();
  await idle.instance().runToEnd();
  assert.equal(await missed(idle), undefined);
});

Deno.test("a run refuses another server that has the same name, and says what to do", async () => {
  const world = await worldWithJournal();
  const other = new MemoryOplog({ t: OPLOG_SECONDS_FIRST - 1000, i: 1 });
  other.advanceTo({ t: OPLOG_SECONDS_FIRST + 1000, i: 1 });
  const before = await world.records();
  const one = world.instance({ source: sourceOf(world, other) });
  await assert.rejects(world.clock.finish(one.run()), (error) => {
    assert(error instanceof PermanentError);
    assert.match(error.message, /another cluster whose set has the same name/);
    assert.match(error.message, /`tributary position adopt collection:shop.orders`/);
    return true;
  });
  assert.deepEqual(await world.records(), before);
});

Deno.test("findMissedEvent throws what may pass", async () => {
  const world = await worldWithJournal();
  const error = new TransientError("interrupted");
  const source = { ...sourceOf(world, world.oplog), open: () => Promise.reject(error) };
  await assert.rejects(missed(world, source), error);
});

async function worldWithJournal(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(3);
  await world.instance().runToEnd();
  return world;
}

function sourceOf(world: LakeWorld, oplog: MemoryOplog): Source {
  return createMemorySource({ oplog, clock: world.clock });
}

async function missed(
  world: LakeWorld,
  source?: Source,
  settings: Partial<StreamSettings> = {},
): Promise<string | undefined> {
  const { context } = world.instance({ settings, ...(source === undefined ? {} : { source }) });
  const last = (await world.records(ORDERS)).at(-1)!;
  return await world.clock.finish(findMissedEvent(context, last, NEVER));
}
