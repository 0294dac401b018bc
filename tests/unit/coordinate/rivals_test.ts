import assert from "node:assert/strict";
import type { Member, MemberInfo } from "../../../src/coordinate/members.ts";
import { Rivals } from "../../../src/coordinate/rivals.ts";
import { selectionOf } from "../../../src/model/selection.ts";
import { SETTINGS } from "../../support/lake_world.ts";
import { FleetWorld } from "./fleet_world.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const STREAM = "database.shop";
const A = selectionOf(SETTINGS);
const B = selectionOf({ ...SETTINGS, namespaces: { include: ["shop.b"], exclude: [] } });

Deno.test("of two instances that select other events the later one waits, and knows for whom", async () => {
  const { clock, list, join } = fleet();
  join({ owner: "one", selection: A, selectedAt: "1969-12-31T00:00:00.000Z" });
  const rivals = new Rivals({ members: { list }, owner: "two", selection: B, clock });
  rivals.see(await list());
  const rival = rivals.find(STREAM)!;
  assert.equal(rival.owner, "one");
  assert.match(
    rivals.sentenceOf(rival),
    /^Waiting for instance host-one, which .* other settings \(the collections\)/,
  );
  assert.equal(await rivals.ask(STREAM), rivals.sentenceOf(rival));
  // What that one does not know is free, unless something of it failed there.
  assert.equal(rivals.find("database.other"), undefined);
  join({ owner: "one", selection: A, selectedAt: "1969-12-31T00:00:00.000Z", failed: 1 });
  rivals.see(await list());
  assert.equal(rivals.find("database.other")!.owner, "one");
});

Deno.test("one that runs a stream no longer because it is paused comes back to it before others", async () => {
  const { clock, list, join } = fleet();
  const one = { ...{ owner: "one", selection: A }, selectedAt: "1969-12-31T00:00:00.000Z" };
  const rivals = new Rivals({ members: { list }, owner: "two", selection: B, clock });
  join({ ...one, streams: [] });
  assert.equal(await rivals.ask(STREAM), undefined);
  join({ ...one, streams: [], paused: [STREAM] });
  assert.match(await rivals.ask(STREAM) ?? "", /host-one/);
});

Deno.test("an instance tells what is paused where anything is", () => {
  const { clock, list } = fleet();
  const paused: string[] = [];
  const own = { members: { list }, owner: "two", selection: B, clock };
  const rivals = new Rivals({ ...own, paused: () => paused });
  assert.deepEqual(rivals.toldOf([]), rivals.selected);
  paused.push(STREAM);
  assert.deepEqual(rivals.toldOf([]), { ...rivals.selected, paused: [STREAM] });
});

Deno.test("nobody waits for one that selects the same, came later or leaves", async () => {
  const { clock, list, join } = fleet();
  join({ owner: "same", selection: B, selectedAt: "1969-01-01T00:00:00.000Z" });
  join({ owner: "later", selection: A, selectedAt: "2999-01-01T00:00:00.000Z" });
  join({ owner: "gone", selection: A, selectedAt: "1969-01-01T00:00:00.000Z", isLeaving: true });
  const rivals = new Rivals({ members: { list }, owner: "two", selection: B, clock });
  assert.equal(await rivals.ask(STREAM), undefined);
  assert.deepEqual((await rivals.all()).map(({ owner }) => owner), ["later"]);
  // Other settings make it the later one.
  await clock.advance(1000);
  rivals.select(A);
  assert.equal((await rivals.ask(STREAM))?.includes("host-same"), true);
});

Deno.test("of two that began at the same moment exactly one waits", async () => {
  const { clock, list, join } = fleet();
  const sides = [["one", A], ["two", B]] as const;
  const all = sides.map(([owner, selection]) =>
    new Rivals({ members: { list }, owner, selection, clock })
  );
  for (const [i, [owner]] of sides.entries()) join({ owner, ...all[i]!.selected });
  const waiting = await Promise.all(all.map((each) => each.ask(STREAM)));
  assert.equal(waiting.filter((each) => each !== undefined).length, 1);
});

Deno.test("one that does not tell what it selects is in the way once the journal has shown it", async () => {
  const { clock, list, join, leave } = fleet();
  join({ owner: "old" });
  const rivals = new Rivals({ members: { list }, owner: "two", selection: B, clock });
  rivals.see(await list());
  assert.equal(rivals.find(STREAM), undefined);
  assert.match(await rivals.ask(STREAM) ?? "", /host-old, .*the settings that select events/);
  assert.equal(rivals.find(STREAM)!.owner, "old");
  leave("old");
  rivals.see(await list());
  assert.equal(rivals.find(STREAM), undefined);
});

Deno.test("a fleet goes over to other settings one instance after the other, never running both", async () => {
  const world = new FleetWorld(["collection.shop.a", "collection.shop.b", "collection.shop.c"]);
  const { clock } = world;
  const old = ["a1", "a2", "a3"].map((owner) => world.start(owner, { selection: A }));
  await clock.until(() => world.isOneReaderEach() && Object.keys(world.loads()).length === 3);
  for (const [i, each] of old.entries()) {
    await clock.advance(1000);
    const next = world.start(`b${i + 1}`, { selection: B });
    await clock.advance(5000);
    assert.deepEqual(next.typesOf("lock-acquired"), []);
    assert.equal(next.typesOf("rival-changed").length, 1);
    const owners = Object.keys(world.loads());
    assert(owners.every((owner) => owner.startsWith("a")), `${owners} run together`);
    each.stop();
    await clock.finish(each.outcome);
    await clock.until(() => world.isOneReaderEach());
  }
  await clock.until(() => Object.keys(world.loads()).sort().join() === "b1,b2,b3");
  assert.deepEqual(world.overlaps(), []);
});

Deno.test("one instance that is given other settings leaves its streams to those without", async () => {
  const world = new FleetWorld(["collection.shop.a", "collection.shop.b"]);
  const { clock } = world;
  const [one] = ["a1", "a2"].map((owner) => world.start(owner, { selection: A }));
  await clock.until(() => world.isOneReaderEach() && Object.keys(world.loads()).length === 2);
  await clock.advance(60_000);
  one!.rivals!.select(B);
  one!.ringStreams();
  await clock.until(() => world.loads()["a2"] === 2 && world.isOneReaderEach());
  await clock.advance(60_000);
  assert.deepEqual(world.loads(), { a2: 2 });
  one!.rivals!.select(A);
  one!.ringStreams();
  await clock.until(() => Object.keys(world.loads()).length === 2 && world.isOneReaderEach());
});

function fleet() {
  const members = new Map<string, MemberInfo>();
  return {
    clock: new VirtualClock(),
    list: () => Promise.resolve([...members.values()]),
    join: (told: Partial<Member> & { readonly owner: string }) =>
      void members.set(told.owner, {
        instance: `host-${told.owner}`,
        version: "0.1.0",
        since: "2026-11-20T17:00:00.000Z",
        streams: [STREAM],
        failed: 0,
        isLeaving: false,
        leftMs: 1000,
        ...told,
      }),
    leave: (owner: string) => void members.delete(owner),
  };
}
