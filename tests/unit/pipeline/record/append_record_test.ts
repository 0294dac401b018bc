import assert from "node:assert/strict";
import { FencedError, PermanentError, TransientError } from "../../../../src/model/errors.ts";
import { positionAt } from "../../../../src/model/position.ts";
import type { HeartbeatRecord } from "../../../../src/model/record.ts";
import { appendRecord } from "../../../../src/pipeline/record/append_record.ts";
import { newRecordBase } from "../../../../src/pipeline/record/journal_tail.ts";
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
  await world.clock.finish(appendRecord(one.context, one.lease, record));
  assert.deepEqual(await world.journal.read("collection.shop.orders", 1), record);
});

Deno.test("appendRecord sends identical bytes again when the record did not arrive", async () => {
  const { world, one } = begin();
  const sent: unknown[] = [];
  one.outside.plan = ({ method, args }) => {
    if (method === "putIfAbsent") sent.push(new TextDecoder().decode(args[1] as Uint8Array));
    if (sent.length === 3) return undefined;
    return { kind: "error", when: "before", error: new TransientError("503") };
  };
  await world.clock.finish(appendRecord(one.context, one.lease, heartbeat(one)));
  assert.equal(sent.length, 3);
  assert.equal(new Set(sent).size, 1);
});

Deno.test("appendRecord gives up after three answers that were lost", async () => {
  const { world, one } = begin();
  let calls = 0;
  one.outside.plan = () => {
    calls++;
    return { kind: "error", when: "before", error: new TransientError("503") };
  };
  const appending = appendRecord(one.context, one.lease, heartbeat(one));
  await assert.rejects(world.clock.finish(appending), TransientError);
  assert.equal(calls, 3);
});

Deno.test("appendRecord gives way to another content, also one of its own owner", async () => {
  const { world, one } = begin();
  await appendRecord(one.context, one.lease, heartbeat(one));
  await assert.rejects(
    world.clock.finish(appendRecord(one.context, one.lease, heartbeat(one))),
    (error) => error instanceof FencedError && /written by instance-1/.test(error.message),
  );
});

Deno.test("appendRecord sends nothing without a valid lease, also on a second try", async () => {
  const { world, one } = begin();
  one.outside.plan = ({ method }) => {
    assert.equal(method, "putIfAbsent");
    one.lease.passDeadline();
    return { kind: "error", when: "before", error: new TransientError("503") };
  };
  const appending = appendRecord(one.context, one.lease, heartbeat(one));
  await assert.rejects(world.clock.finish(appending), FencedError);
  await assert.rejects(appendRecord(one.context, one.lease, heartbeat(one)), FencedError);
  assert.equal(await world.journal.read("collection.shop.orders", 1), undefined);
});

Deno.test("appendRecord tries nothing again that cannot help", async () => {
  const { one } = begin();
  const error = new PermanentError("403");
  one.outside.plan = atCall(1, { kind: "error", when: "before", error });
  await assert.rejects(appendRecord(one.context, one.lease, heartbeat(one)), error);
});

function begin(): { world: LakeWorld; one: Instance } {
  const world = new LakeWorld();
  return { world, one: world.instance() };
}

function heartbeat(one: Instance): HeartbeatRecord {
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
