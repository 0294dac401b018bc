import assert from "node:assert/strict";
import { LakeTime } from "../../../src/observe/lake_time.ts";

const at = (t: number, i = 5) => ({ t, i });

Deno.test("LakeTime follows reading while everything that was read is stored", () => {
  const lake = new LakeTime();
  assert.equal(lake.time, undefined);
  lake.opened(at(100));
  lake.read(0, at(160), undefined);
  assert.deepEqual(lake.time, at(160));
});

Deno.test("LakeTime stays just before the first event that is not stored", () => {
  const lake = new LakeTime();
  lake.opened(at(100));
  lake.read(2, at(130), at(120));
  lake.read(1, at(150), at(140));
  lake.read(0, at(190), undefined);
  assert.deepEqual(lake.time, at(120, 4));
  // Half of a reply is not all of it.
  lake.stored(1, at(121));
  assert.deepEqual(lake.time, at(121));
  lake.stored(1, at(125));
  assert.deepEqual(lake.time, at(140, 4));
  lake.stored(1, at(140));
  assert.deepEqual(lake.time, at(190));
});

Deno.test("LakeTime takes the time before a reply where no event's time is known", () => {
  const lake = new LakeTime();
  lake.opened(at(100));
  lake.read(0, at(110), undefined);
  lake.read(1, at(130), undefined);
  assert.deepEqual(lake.time, at(110));
});

Deno.test("LakeTime neither goes back nor on when what was read is dropped", () => {
  const lake = new LakeTime();
  lake.opened(at(100));
  lake.read(0, at(130), undefined);
  lake.read(3, at(170), at(150));
  lake.dropped();
  assert.deepEqual(lake.time, at(150, 4));
  lake.opened(at(100));
  lake.read(3, at(170), at(150));
  assert.deepEqual(lake.time, at(150, 4));
  lake.stored(3, at(155));
  assert.deepEqual(lake.time, at(170));
});

Deno.test("LakeTime counts together what many replies bring, and remembers the oldest", () => {
  const lake = new LakeTime();
  lake.opened(at(0));
  for (let i = 1; i <= 3000; i++) lake.read(1, at(i), at(i));
  assert.deepEqual(lake.time, at(1, 4));
  for (let i = 1; i <= 2999; i++) lake.stored(1, at(i));
  assert.deepEqual(lake.time, at(2999));
  lake.stored(1, at(3000));
  assert.deepEqual(lake.time, at(3000));
});
