import assert from "node:assert/strict";
import { DEFAULT_RETRY } from "../../../../src/destination/open_destination.ts";
import { withRetries } from "../../../../src/destination/retry.ts";
import { createObjectJournal } from "../../../../src/journal/object_journal.ts";
import { FencedError, PermanentError, TransientError } from "../../../../src/model/errors.ts";
import { positionAt } from "../../../../src/model/position.ts";
import type { HeartbeatRecord } from "../../../../src/model/record.ts";
import { appendRecord } from "../../../../src/pipeline/record/append_record.ts";
import { newRecordBase } from "../../../../src/pipeline/record/journal_tail.ts";
import type { StreamContext } from "../../../../src/pipeline/stream_context.ts";
import { type Instance, LakeWorld } from "../../../support/lake_world.ts";
import { atCall, type Fault } from "../../../support/outside.ts";

const NO_ANSWER: Fault = {
  kind: "error",
  when: "after",
  error: new TransientError("the answer is lost"),
};

Deno.test("appendRecord puts the record and says so", async () => {
  const { world, one } = begin();
  const record = heartbeat(one);
  await appendRecord(one.context, one.lease, record);
  assert.deepEqual(await world.journal.read("collection.shop.orders", 1), record);
  assert.deepEqual(one.events.map((e) => e.type), ["record-appended"]);
});

Deno.test("appendRecord recognises its own record after the answer was lost", async () => {
  const { world, one } = begin();
  const record = heartbeat(one);
  one.outside.plan = atCall(1, NO_ANSWER);
  one.context = withJournalThatRepeats(world, one);
  await world.clock.finish(appendRecord(one.context, one.lease, record));
  assert.deepEqual(await world.journal.read("collection.shop.orders", 1), record);
  assert.deepEqual(one.events.map((e) => e.type), ["record-appended"]);
});

Deno.test("appendRecord leaves it to the destination how often a record is sent", async () => {
  const { world, one } = begin();
  const sent: string[] = [];
  one.outside.plan = ({ method, args }) => {
    if (method === "putIfAbsent") sent.push(new TextDecoder().decode(args[1] as Uint8Array));
    return { kind: "error", when: "before", error: new TransientError("503") };
  };
  const appending = appendRecord(one.context, one.lease, heartbeat(one));
  await assert.rejects(world.clock.finish(appending), TransientError);
  assert.equal(sent.length, 1, "nothing repeats here");
  one.context = withJournalThatRepeats(world, one);
  const again = appendRecord(one.context, one.lease, heartbeat(one));
  await assert.rejects(world.clock.finish(again), /11 tries/);
  assert.equal(sent.length, 1 + 11);
  assert.equal(new Set(sent.slice(1)).size, 1, "the identical bytes");
});

Deno.test("appendRecord gives way to another content, also one of its own owner", async () => {
  const { world, one } = begin();
  await appendRecord(one.context, one.lease, heartbeat(one));
  await assert.rejects(
    world.clock.finish(appendRecord(one.context, one.lease, heartbeat(one))),
    (error) => error instanceof FencedError && /written by instance-1/.test(error.message),
  );
});

Deno.test("appendRecord sends nothing without a valid lease", async () => {
  const { world, one } = begin();
  one.lease.passDeadline();
  one.outside.plan = ({ method }) => assert.fail(`${method} is called`);
  await assert.rejects(appendRecord(one.context, one.lease, heartbeat(one)), FencedError);
  assert.equal(await world.journal.read("collection.shop.orders", 1), undefined);
});

Deno.test("appendRecord tries nothing again that cannot help", async () => {
  const { one } = begin();
  const error = new PermanentError("403");
  one.outside.plan = atCall(1, { kind: "error", when: "before", error });
  await assert.rejects(appendRecord(one.context, one.lease, heartbeat(one)), error);
});

type Begun = Pick<Instance, "outside" | "lease" | "events"> & { context: StreamContext };

function begin(): { world: LakeWorld; one: Begun } {
  const world = new LakeWorld();
  const { outside, lease, events, context } = world.instance();
  return { world, one: { outside, lease, events, context } };
}

/** The instance's context with a journal in a destination that repeats requests, as the one on S3 does. */
function withJournalThatRepeats(world: LakeWorld, one: Begun): StreamContext {
  const { destination } = one.context;
  const tools = { clock: world.clock, random: world.random };
  const journal = createObjectJournal({
    ...{ get: destination.get, list: destination.list, listFolders: destination.listFolders },
    putIfAbsent: (key, bytes) =>
      withRetries(DEFAULT_RETRY, tools, () => destination.putIfAbsent(key, bytes)),
  });
  return { ...one.context, journal };
}

function heartbeat(one: Begun): HeartbeatRecord {
  const place = {
    v: 1 as const,
    seq: 1,
    from: positionAt({ t: 1, i: 1 }),
    to: positionAt({ t: 2, i: 1 }),
    settingsSeq: 0,
    durableThrough: 0,
  };
  return { ...newRecordBase(one.context, one.lease, place), kind: "heartbeat" };
}
