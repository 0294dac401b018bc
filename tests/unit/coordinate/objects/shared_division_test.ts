import assert from "node:assert/strict";
import type { Division } from "../../../../src/coordinate/objects/division.ts";
import { SharedDivision } from "../../../../src/coordinate/objects/shared_division.ts";
import { holderOf, ObjectWorld, TTL_MS } from "../../../support/object_world.ts";
import { WatchedObjects } from "../../../support/watched_objects.ts";

function open(world = new ObjectWorld()) {
  const objects = new WatchedObjects(world.objects);
  return { world, objects, division: new SharedDivision(objects, world.clock, world.random, 0) };
}

const takes = (stream: string, owner: string) => (division: Division) => {
  const { generation = 0, holder } = division.streams.get(stream) ?? {};
  if (holder !== undefined && holder.owner !== owner) return "held";
  const next = { ...holderOf(owner), ttlMs: TTL_MS };
  division.streams.set(stream, { generation: generation + 1, holder: next });
  return "taken";
};

Deno.test("what is wanted in one moment is one read and one write", async () => {
  const { world, objects, division } = open();
  const wanted = Array.from({ length: 100 }, (_, i) => division.change(takes(`s${i}`, "a")));
  assert.deepEqual(new Set(await world.do(Promise.all(wanted))), new Set(["taken"]));
  assert.deepEqual(objects.asked(), ["get division", "create division"]);
});

Deno.test("a change that changes nothing writes nothing", async () => {
  const { world, objects, division } = open();
  assert.equal(await world.do(division.change(() => "seen")), "seen");
  assert.deepEqual(objects.asked(), ["get division"]);
});

Deno.test("of two who change it at once one comes second, and decides by what is there then", async () => {
  const world = new ObjectWorld();
  const [a, b] = [open(world), open(world)];
  const answers = await world.do(Promise.all([
    a.division.change(takes("s", "a")),
    b.division.change(takes("s", "b")),
  ]));
  assert.deepEqual(answers.toSorted(), ["held", "taken"]);
});

Deno.test("after an answer that was lost it acts on what is there: its own claim is taken anew", async () => {
  const { world, objects, division } = open();
  let lost = 0;
  objects.fate = (call) => call.startsWith("create") && lost++ === 0 ? "lost" : undefined;
  assert.equal(await world.do(division.change(takes("s", "a"))), "taken");
  const { division: now } = await world.do(division.read(0));
  assert.equal(now.streams.get("s")?.generation, 2);
});

Deno.test("a swap that arrives late is refused, also where all is again as it was", async () => {
  const { world, objects, division } = open();
  await world.do(division.change((draft) => void draft.paused.add("x")));
  objects.fate = (call) => call.startsWith("replace") ? "held" : undefined;
  await assert.rejects(world.do(division.change(takes("s", "late"))), /no answer/);
  objects.fate = () => undefined;
  await world.do(division.change((draft) => void draft.paused.add("y")));
  await world.do(division.change((draft) => void draft.paused.delete("y")));
  await objects.land();
  await world.clock.advance(1);
  const { division: now } = await world.do(division.read(0));
  assert.deepEqual([...now.streams.keys()], []);
});

Deno.test("a reading that is young enough is shared, and one's own change is in it", async () => {
  const { world, objects, division } = open();
  await world.do(division.read(0));
  await world.clock.advance(500);
  assert.equal((await world.do(division.read(1000))).startMs, 0);
  await world.clock.advance(600);
  assert.equal((await world.do(division.read(1000))).startMs, 1100);
  objects.asked();
  await world.do(division.change((draft) => void draft.paused.add("x")));
  assert.deepEqual([...(await world.do(division.read(10_000))).division.paused], ["x"]);
  assert.deepEqual(objects.asked(), ["create division"]);
});

Deno.test("what cannot be written is told to all who wanted it", async () => {
  const { world, objects, division } = open();
  objects.fate = (call) => call.startsWith("create") ? "refused" : undefined;
  const wanted = ["s1", "s2"].map((stream) => division.change(takes(stream, "a")));
  for (const each of wanted) each.catch(() => {});
  for (const each of wanted) await assert.rejects(world.do(each), /no answer/);
});
