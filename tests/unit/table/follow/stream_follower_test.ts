import assert from "node:assert/strict";
import { StreamFollower } from "../../../../src/table/follow/stream_follower.ts";
import { crashAfterRecord } from "../../../support/crash_between.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { TABLE_SETTINGS, tableParts, write } from "../../../support/table_world.ts";

const KEY = "collection.shop.orders";

Deno.test("a journal is read in rounds, each the same again until it is accepted, from any place on", async () => {
  const world = new LakeWorld();
  await write(world, 600);
  const { lake } = tableParts(world);
  const follower = new StreamFollower(lake, KEY);
  const seqs: number[] = [];
  for (let isEnd = false; !isEnd;) {
    const round = (await follower.next())!;
    assert.deepEqual((await follower.next())!.through, round.through);
    seqs.push(...round.steps.map(({ seq }) => seq));
    follower.accept(round);
    isEnd = round.isEnd;
  }
  const records = await world.records();
  assert(records.length > 140, "more than one round");
  assert.deepEqual(seqs, records.map(({ seq }) => seq));
  assert.equal(await follower.next(), undefined);
  const place = follower.place!;
  await write(world, 3);
  const later = new StreamFollower(lake, KEY, place);
  assert(await later.isSame());
  assert.equal((await later.next())!.steps[0]!.seq, place.seq + 1);
  assert(!await new StreamFollower(lake, KEY, { ...place, id: "another" }).isSame());
  later.reset();
  assert.equal((await later.next())!.steps[0]!.seq, 0);
});

Deno.test("a record without its objects waits, with all behind it", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await crashAfterRecord(world.instance({ settings: TABLE_SETTINGS }), 1);
  const follower = new StreamFollower(tableParts(world).lake, KEY);
  const round = (await follower.next())!;
  assert.deepEqual(round.steps.map(({ seq }) => seq), [0]);
  follower.accept(round);
  assert.equal(await follower.next(), undefined);
});

Deno.test("a journal that lacks its first record is told of by name", async () => {
  const world = new LakeWorld();
  await write(world, 4);
  const place = { seq: 0, id: "x" };
  await world.lose((key) => key.endsWith("0000000000000000.json"));
  const follower = new StreamFollower(tableParts(world).lake, KEY, place);
  await assert.rejects(follower.next(), /stream collection\.shop\.orders: its record 0 is missing/);
});
