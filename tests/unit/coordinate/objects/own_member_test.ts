import assert from "node:assert/strict";
import { OwnMember } from "../../../../src/coordinate/objects/own_member.ts";
import {
  freeSlot,
  type NamedClaim,
  parseMemberObject,
} from "../../../../src/coordinate/objects/member_object.ts";
import { memberOf, ObjectWorld, TTL_MS } from "../../../support/object_world.ts";
import { WatchedObjects } from "../../../support/watched_objects.ts";

const CLAIM = { stream: "collection.shop.orders", generation: 1 };

function open(world = new ObjectWorld(), owner = "a") {
  const objects = new WatchedObjects(world.objects);
  const gaveUp: NamedClaim[] = [];
  const member = new OwnMember(owner, {
    ...{ objects, clock: world.clock, random: world.random },
    async slots() {
      const all = await Promise.all(
        [...await world.objects.list("members/")].map(async ([key, { etag }]) => {
          const found = await world.objects.get(key);
          const text = typeof found === "object" ? found.text : "";
          return { slot: { key, etag }, object: parseMemberObject(text) };
        }),
      );
      const own = all.find(({ object }) => object?.owner === owner)?.slot;
      return {
        ...(own === undefined ? {} : { own }),
        free: all.filter(({ object }) => object === undefined).map(({ slot }) => slot),
        next: all.length + 1,
      };
    },
    gaveUp: (claims) => gaveUp.push(...claims),
    written: () => {},
  });
  member.tell(memberOf(owner), TTL_MS);
  const written = async (key = "members/000001") => {
    const found = await world.objects.get(key);
    return typeof found === "object" ? parseMemberObject(found.text) : undefined;
  };
  return { world, objects, member, written, gaveUp };
}

Deno.test("each version counts on, and names the claims that are run", async () => {
  const { world, member, written, gaveUp } = open();
  await member.write(0);
  assert.deepEqual([(await written())?.counter, (await written())?.claims], [1, []]);
  member.runs(CLAIM, TTL_MS);
  await world.clock.advance(1);
  await member.write(0);
  assert.deepEqual([(await written())?.counter, (await written())?.claims], [2, [CLAIM]]);
  await world.clock.advance(TTL_MS);
  await member.write(0);
  assert.deepEqual([(await written())?.claims, gaveUp.length], [[], 1]);
});

Deno.test("a version that is young enough is shared, unless it does not name what must be named", async () => {
  const { world, objects, member } = open();
  await member.write(0);
  await world.clock.advance(3000);
  objects.asked();
  assert.equal((await member.write(5000)).startMs, 0);
  assert.deepEqual(objects.asked(), []);
  member.runs(CLAIM, TTL_MS);
  assert.equal((await member.write(5000, [CLAIM])).startMs, 3000);
  const both = await Promise.all([member.write(5000, [CLAIM]), member.write(5000, [CLAIM])]);
  assert.deepEqual(both.map(({ startMs }) => startMs), [3000, 3000]);
  assert.deepEqual(objects.asked(), ["replace members/000001"]);
});

Deno.test("one write is under way at a time, in place of the last that arrived", async () => {
  const { world, objects, member, written } = open();
  await member.write(0);
  await world.clock.advance(1);
  objects.fate = (call) => call.startsWith("replace") ? "lost" : undefined;
  await assert.rejects(member.write(0), /no answer/);
  objects.fate = () => undefined;
  await member.write(0);
  assert.equal((await written())?.counter, 4, "what arrived after all was read, and gone on from");
  assert.equal((await world.objects.list("members/")).size, 1);
});

Deno.test("who finds a stranger in its slot takes another", async () => {
  const world = new ObjectWorld();
  const { member, written } = open(world);
  await member.write(0);
  const found = await world.objects.get("members/000001");
  assert(typeof found === "object");
  // Others took it for dead.
  await world.objects.replace(
    "members/000001",
    found.text.replace('"owner":"a"', '"owner":"b"'),
    found.etag,
  );
  await world.clock.advance(1);
  await member.write(0);
  assert.deepEqual([(await written())?.owner, (await written("members/000002"))?.owner], [
    "b",
    "a",
  ]);
});

Deno.test("a slot that was had, and whose answer was lost, is found again", async () => {
  const { world, objects, member } = open();
  objects.fate = (call) => call.startsWith("create") ? "lost" : undefined;
  await assert.rejects(member.write(0), /no answer/);
  objects.fate = () => undefined;
  await member.write(0);
  assert.equal((await world.objects.list("members/")).size, 1);
});

Deno.test("slots of those who are gone are used again", async () => {
  const world = new ObjectWorld();
  await world.objects.create("members/000001", freeSlot("id"));
  for (let starts = 0; starts < 20; starts++) {
    const { member } = open(world, `a-${starts}`);
    await member.write(0);
    await member.leave();
    await member.leave();
  }
  assert.deepEqual([...(await world.objects.list("members/")).keys()], ["members/000001"]);
});
