import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clusterTimeIso,
  clusterTimeOfToken,
  clusterTimeToBigInt,
  compareClusterTimes,
  describeClusterTime,
  earlierTime,
  formatClusterTime,
  laterTime,
  timeAfter,
} from "../../../src/model/cluster_time.ts";

const uint32 = fc.nat({ max: 0xffffffff });
const near = fc.oneof(fc.nat({ max: 2 }), uint32);
const clusterTime = fc.record({ t: near, i: near });

Deno.test("timeAfter is the next increment, and the next second after the last", () => {
  assert.deepEqual(timeAfter({ t: 5, i: 1 }), { t: 5, i: 2 });
  assert.deepEqual(timeAfter({ t: 5, i: 0xffffffff }), { t: 6, i: 1 });
});

Deno.test("compareClusterTimes orders as the 64-bit form does", () => {
  fc.assert(fc.property(clusterTime, clusterTime, (a, b) => {
    const [x, y] = [clusterTimeToBigInt(a), clusterTimeToBigInt(b)];
    assert.equal(Math.sign(compareClusterTimes(a, b)), x < y ? -1 : x > y ? 1 : 0);
  }));
});

Deno.test("clusterTimeToBigInt is unsigned", () => {
  assert.equal(clusterTimeToBigInt({ t: 0xffffffff, i: 0xffffffff }), 0xffffffffffffffffn);
  assert.equal(clusterTimeToBigInt({ t: 1, i: 2 }), 0x100000002n);
});

Deno.test("formatClusterTime writes seconds, a dot and the increment", () => {
  assert.equal(formatClusterTime({ t: 1763690000, i: 12 }), "1763690000.12");
});

Deno.test("clusterTimeOfToken reads the time out of a token, in upper and lower case", () => {
  // From a MongoDB 6.0.5: an insert at 1763690000.1.
  const data = "82691FC610000000012B042C0100296E5A1004";
  assert.deepEqual(clusterTimeOfToken(data), { t: 0x691fc610, i: 1 });
  assert.deepEqual(clusterTimeOfToken(data.toLowerCase()), { t: 0x691fc610, i: 1 });
  fc.assert(fc.property(clusterTime, (time) => {
    const hex = clusterTimeToBigInt(time).toString(16).padStart(16, "0").toUpperCase();
    assert.deepEqual(clusterTimeOfToken(`82${hex}2B`), { ...time });
  }));
});

Deno.test("clusterTimeOfToken is undefined for tokens of another form", () => {
  for (const data of ["", "82", "82691FC61000000", "81691FC6100000000129", "82691FC61G00000001"]) {
    assert.equal(clusterTimeOfToken(data), undefined, data);
  }
});

Deno.test("describeClusterTime says when it was, and the time in MongoDB's own form", () => {
  assert.equal(
    describeClusterTime({ t: 1_795_194_000, i: 1 }),
    "2026-11-20T17:00:00Z (1795194000.1)",
  );
  assert.equal(clusterTimeIso({ t: 0xffffffff, i: 1 }), "2106-02-07T06:28:15Z");
});

Deno.test("earlierTime gives the earlier of two", () => {
  const [early, late] = [{ t: 1, i: 2 }, { t: 1, i: 3 }];
  assert.equal(earlierTime(early, late), early);
  assert.equal(earlierTime(late, early), early);
});

Deno.test("laterTime gives the later of two, or the one that is known", () => {
  const [early, late] = [{ t: 1, i: 9 }, { t: 2, i: 1 }];
  assert.equal(laterTime(early, late), late);
  assert.equal(laterTime(late, early), late);
  assert.equal(laterTime(undefined, early), early);
  assert.equal(laterTime(early, undefined), early);
  assert.equal(laterTime(undefined, undefined), undefined);
});
