import assert from "node:assert/strict";
import { EventSpans, readEventSpans } from "../../../../src/bson/event/event_spans.ts";
import { TransientError } from "../../../../src/model/errors.ts";
import { type Position, positionAfterToken, positionAt } from "../../../../src/model/position.ts";
import type { SourceReply } from "../../../../src/pipeline/ports.ts";
import { MemoryBudget } from "../../../../src/pipeline/read/memory_budget.ts";
import { SharedTimer } from "../../../../src/support/flow/shared_timer.ts";
import { Member, type MemberGroup } from "../../../../src/source/shared/member.ts";
import { PLAIN_SETTINGS } from "../../../contract/source_contract.ts";
import { eventBytes, sketchToken } from "../../../support/event_factory.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

function scene(
  from: Position = positionAt({ t: 1, i: 1 }),
  nothing?: (upTo: Position, waitMs: number) => boolean,
) {
  const clock = new VirtualClock();
  const budget = new MemoryBudget(1 << 20);
  const stream = { level: "collection", database: "shop", collection: "a" } as const;
  const request = {
    ...{ stream, from, settings: PLAIN_SETTINGS, images: "as-set" as const },
    ...(nothing === undefined ? {} : { nothing }),
  };
  const timer = new SharedTimer<Member>(clock, (due) => due.forEach((each) => each.waited()));
  const options = { clock, timer, awaitMs: 1000, awaitMsMax: () => 4000 };
  const member = new Member(request, options, budget.reserve(0));
  const group = { mark: from, taken: () => {}, left: () => {} } as {
    -readonly [name in keyof MemberGroup]: MemberGroup[name];
  };
  const give = (t: number) => {
    const bytes = eventBytes({ t, i: 1, database: "shop", collection: "a" });
    const spans = new EventSpans();
    readEventSpans(bytes, 0, spans);
    return member.add(bytes, 0, spans);
  };
  const at = (t: number) => positionAfterToken(sketchToken({ t, i: 1 }));
  return { clock, budget, member, group, give, at };
}

Deno.test("Member gives what was divided for it, at most so many rows, and marks that lie behind what it gave", async () => {
  const { clock, member, group, give, at } = scene();
  member.enter(group, group.mark);
  for (const t of [10, 11, 12]) give(t);
  group.mark = at(20);
  const first = await clock.finish(member.next(2));
  assert.equal(first.starts.length, 2);
  assert.deepEqual(first.highWater, at(11));
  const rest = await clock.finish(member.next(2));
  assert.equal(rest.starts.length, 1);
  assert.deepEqual(rest.highWater, at(20));
});

Deno.test("Member leaves out what it has had when its group begins before it", () => {
  const { member, group, give, at } = scene(positionAfterToken(sketchToken({ t: 11, i: 1 })));
  member.enter(group, at(5));
  assert.deepEqual([10, 11, 12, 13].map(give), [false, false, true, true]);
});

Deno.test("Member that forgets goes on from what its stream has, one that leaves from what was divided", async () => {
  const { clock, budget, member, group, give, at } = scene();
  member.enter(group, group.mark);
  give(10);
  group.mark = at(10);
  await clock.finish(member.next(9));
  give(11);
  group.mark = at(12);
  assert.ok(budget.usedBytes > 0);
  assert.deepEqual(member.mark, at(12));
  member.leave();
  assert.deepEqual(member.mark, at(12));
  member.forget();
  assert.deepEqual(member.mark, at(10));
  assert.equal(budget.usedBytes, 0);
});

Deno.test("Member's marks never go back, also where its group has begun before it", async () => {
  const { clock, member, group, at } = scene();
  group.mark = at(10);
  member.enter(group, at(1));
  const { highWater } = await clock.finish(member.next(1));
  assert.deepEqual(highWater, at(10));
  member.enter(group, at(5));
  group.mark = at(5);
  assert.deepEqual((await clock.finish(member.next(1))).highWater, at(10));
});

Deno.test("Member says nothing of its group's invalidates", async () => {
  const { clock, member, group, at } = scene();
  member.enter(group, group.mark);
  group.mark = { ...at(10), invalidate: true };
  assert.deepEqual((await clock.finish(member.next(1))).highWater, at(10));
});

Deno.test("Member waits longer each time that nothing comes, and not for what has come", async () => {
  const { clock, member, group, give } = scene();
  member.enter(group, group.mark);
  const waits = [];
  for (let i = 0; i < 4; i++) waits.push((await clock.finish(member.next(1))).waitMs);
  assert.ok(waits[0]! <= 1000 && waits[1]! > 1000 && waits[3]! > 3000, String(waits));
  const next = member.next(1);
  give(50);
  member.ring();
  assert.equal((await clock.finish(next)).starts.length, 1);
});

Deno.test("Member tells its stream that there is nothing in place of empty replies, as long as that is noted", async () => {
  const told: Position[] = [];
  const { clock, member, group, give, at } = scene(undefined, (upTo) => {
    told.push(upTo);
    return told.length < 3;
  });
  member.enter(group, group.mark);
  let reply: SourceReply | undefined;
  const next = member.next(9).then((given) => reply = given);
  group.mark = at(10);
  await clock.advance(1000);
  group.mark = at(20);
  await clock.advance(2000);
  assert.deepEqual(told, [at(10), at(20)]);
  assert.equal(reply, undefined);
  // What was told was given.
  member.forget();
  assert.deepEqual(member.mark, at(20));
  member.enter(group, at(20));
  group.mark = at(30);
  await clock.advance(4000);
  await next;
  assert.equal(reply!.starts.length, 0);
  assert.deepEqual(reply!.highWater, at(30));
  give(31);
  assert.equal((await clock.finish(member.next(9))).starts.length, 1);
  await clock.advance(100_000);
  assert.equal(told.length, 3);
  assert.equal(clock.timerCount, 0);
});

Deno.test("Member never says that there is nothing while there is something, or before that is taken", async () => {
  const told: Position[] = [];
  const { clock, member, group, give, at } = scene(undefined, (upTo) => told.push(upTo) > 0);
  member.enter(group, group.mark);
  const next = member.next(9);
  give(10);
  group.mark = at(20);
  await clock.advance(1000);
  assert.equal((await next).starts.length, 1);
  await clock.advance(100_000);
  assert.deepEqual(told, []);
});

Deno.test("Member that has failed gives first what was divided for it", async () => {
  const { clock, member, group, give } = scene();
  member.enter(group, group.mark);
  give(10);
  member.fail(new TransientError("the server is away"));
  assert.equal((await clock.finish(member.next(1))).starts.length, 1);
  await assert.rejects(member.next(1), /away/);
});

Deno.test("Member that is closed tells its group and gives back its room", async () => {
  const { budget, member, group, give } = scene();
  let left: Member | undefined;
  group.left = (who) => void (left = who);
  member.enter(group, group.mark);
  give(10);
  await member.close();
  assert.equal(left, member);
  assert.equal(budget.usedBytes, 0);
  await assert.rejects(member.next(1), TransientError);
});
