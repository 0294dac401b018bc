import assert from "node:assert/strict";
import fc from "fast-check";
import { clusterTimeToBigInt } from "../../../src/model/cluster_time.ts";
import {
  asEnd,
  comparePositions,
  compareTokens,
  describePosition,
  isEventToken,
  isInvented,
  isOfNoDocument,
  isSameEvent,
  laterPosition,
  type Position,
  positionAfterTime,
  positionAfterToken,
  positionAt,
  samePosition,
  withoutInvalidate,
} from "../../../src/model/position.ts";
import { highWaterToken, tokenData } from "../../../src/source/memory/memory_token.ts";

const near = fc.nat({ max: 2 });
const clusterTime = fc.record({ t: near, i: near });
const rest = fc.string({ unit: fc.constantFrom(..."0129ABE"), maxLength: 6 });

const position: fc.Arbitrary<Position> = fc.oneof(
  clusterTime.map(positionAt),
  fc.tuple(clusterTime, rest).map(([time, tail]) => positionAfterToken(token(time, tail))),
);

Deno.test("isEventToken and isSameEvent know events in any version, and nothing else", () => {
  const time = { t: 5, i: 1 };
  const parts = { time, fromInvalidate: false, uuid: "A".repeat(32), id: "1".repeat(24) };
  const data = tokenData(parts);
  const newer = data.replace("2B022C", "2B042C");
  for (const one of [data, newer, tokenData({ time, fromInvalidate: true })]) {
    assert.ok(isEventToken(one));
    assert.ok(isSameEvent(one, one));
  }
  for (const { data: one } of [positionAfterTime(time), positionAt(time)]) {
    assert.ok(!isEventToken(one));
  }
  assert.ok(!isEventToken(highWaterToken(time)));
  assert.ok(isSameEvent(data, newer));
  const others = [
    { ...parts, time: { t: 5, i: 2 } },
    { ...parts, uuid: "B".repeat(32) },
    { ...parts, fromInvalidate: true },
  ];
  for (const other of others) assert.ok(!isSameEvent(data, tokenData(other)));
});

Deno.test("isInvented knows the positions that positionAfterTime makes, and no token", () => {
  for (const time of [{ t: 1, i: 1 }, { t: 0xffffffff, i: 0xffffffff }]) {
    assert.ok(isInvented(positionAfterTime(time)));
    assert.ok(!isInvented(positionAt(time)));
    assert.ok(!isInvented(positionAfterToken(highWaterToken(time))));
    assert.ok(!isInvented(positionAfterToken(tokenData({ time, fromInvalidate: true }))));
  }
});

Deno.test("positionAt is before every event of its time and after those of the time before", () => {
  const at = positionAt({ t: 7, i: 2 });
  assert(comparePositions(at, positionAfterToken(token({ t: 7, i: 2 }, "29"))) < 0);
  assert(comparePositions(at, positionAfterToken(token({ t: 7, i: 1 }, "FF"))) > 0);
});

Deno.test("positionAfterTime is after every event of its time and before those of the next", () => {
  const after = positionAfterTime({ t: 0x691fc610, i: 2 });
  assert.equal(after.data, "82691FC61000000002FF");
  assert(comparePositions(after, positionAfterToken("82691FC610000000022B04FF")) > 0);
  assert(comparePositions(after, positionAt({ t: 0x691fc610, i: 3 })) < 0);
});

Deno.test("positionAfterToken takes its time out of the token and keeps the type bits", () => {
  assert.deepEqual(positionAfterToken("82691FC610000000012B"), {
    operationTime: { t: 0x691fc610, i: 1 },
    data: "82691FC610000000012B",
  });
  assert.equal(positionAfterToken("82691FC610000000012B", "gA==").typeBits, "gA==");
});

Deno.test("positionAfterToken refuses a token of another form and shows its beginning only", () => {
  for (const data of ["", "f00", "0".repeat(2000)]) {
    assert.throws(() => positionAfterToken(data), (error) => {
      assert(error instanceof TypeError);
      assert(error.message.length < 150, error.message);
      return true;
    });
  }
});

Deno.test("comparePositions orders positions of tokens as their texts are ordered", () => {
  fc.assert(fc.property(clusterTime, rest, clusterTime, rest, (t1, r1, t2, r2) => {
    const [a, b] = [token(t1, r1), token(t2, r2)];
    const order = Math.sign(comparePositions(positionAfterToken(a), positionAfterToken(b)));
    assert.equal(order, a < b ? -1 : a > b ? 1 : 0);
  }));
});

Deno.test("comparePositions is an order, and samePosition its equality", () => {
  fc.assert(fc.property(position, position, position, (a, b, c) => {
    assert.equal(Math.sign(comparePositions(a, b)) + Math.sign(comparePositions(b, a)), 0);
    if (comparePositions(a, b) <= 0 && comparePositions(b, c) <= 0) {
      assert(comparePositions(a, c) <= 0);
    }
    assert.equal(samePosition(a, b), comparePositions(a, b) === 0);
    assert(samePosition(a, { ...a, typeBits: "gA==" }));
  }));
});

function token(time: { t: number; i: number }, tail: string): string {
  return `82${clusterTimeToBigInt(time).toString(16).toUpperCase().padStart(16, "0")}${tail}`;
}

const UUID = "5A10048BCC655AB60241829EE03AD878DDC61B";
const v1 = (index: string, uuid = UUID) =>
  token({ t: 7, i: 2 }, `2B022C0100${index}6E${uuid}46645F69640064AA0004`);
const v2 = (index: string, uuid = UUID) =>
  token({ t: 7, i: 2 }, `2B042C0100${index}6E${uuid}463C6F7065726174000004`);

Deno.test("compareTokens takes an event for the same whichever server version wrote its token", () => {
  assert.equal(compareTokens(v1("29"), v2("29")), 0);
  assert.equal(compareTokens(v2("2B04"), v1("2B04")), 0);
});

Deno.test("compareTokens keeps the order of a transaction's events over a change of the version", () => {
  assert(compareTokens(v1("29"), v2("2B02")) < 0);
  assert(compareTokens(v2("2B04"), v1("2B02")) > 0);
  const other = UUID.replace("8BCC", "9BCC");
  assert(compareTokens(v1("29"), v2("29", other)) < 0);
});

Deno.test("compareTokens puts high-water marks before the events of their time in any version", () => {
  const mark = token({ t: 7, i: 2 }, "2B0229296E04");
  assert(compareTokens(mark, v2("29")) < 0);
  assert(compareTokens(v2("29"), positionAfterTime({ t: 7, i: 2 }).data) < 0);
  assert(compareTokens(v2("29"), token({ t: 7, i: 3 }, "2B0229296E04")) < 0);
});

Deno.test("compareTokens orders tokens of one version as strings", () => {
  fc.assert(fc.property(rest, rest, (a, b) => {
    const [x, y] = [token({ t: 7, i: 2 }, `2B02${a}`), token({ t: 7, i: 2 }, `2B02${b}`)];
    assert.equal(Math.sign(compareTokens(x, y)), x < y ? -1 : x > y ? 1 : 0);
  }));
});

Deno.test("asEnd is the same place, before all tokens of its time and behind all of those before", () => {
  const time = { t: 1000, i: 2 };
  const end = asEnd(positionAt(time));
  assert.deepEqual(end, { operationTime: time, data: "82000003E800000002" });
  assert(comparePositions(end, positionAt(time)) > 0);
  assert(comparePositions(end, positionAfterToken("82000003E8000000022B0229296E04")) < 0);
  assert(comparePositions(end, positionAfterTime({ t: 1000, i: 1 })) > 0);
  assert.deepEqual(asEnd(positionAfterTime(time)), positionAfterTime(time));
});

Deno.test("describePosition tells the time for people and the operation time", () => {
  assert.equal(describePosition(positionAt({ t: 0, i: 3 })), "1970-01-01T00:00:00Z (0.3)");
});

Deno.test("laterPosition gives the later of two", () => {
  const [early, late] = [positionAt({ t: 1, i: 9 }), positionAt({ t: 2, i: 1 })];
  assert.equal(laterPosition(early, late), late);
  assert.equal(laterPosition(late, early), late);
});

Deno.test("isOfNoDocument tells a drop from what happens to a document, in both versions of tokens", () => {
  const uuid = "0123456789ABCDEF0123456789ABCDEF";
  const event = (version: string, rest: string) =>
    `8265A0B1C2000000012B${version}2C0100296E5A1004${uuid}${rest}`;
  assert.equal(isOfNoDocument(event("02", "04")), true);
  assert.equal(isOfNoDocument(event("02", `46645F69640064${uuid.slice(0, 24)}0004`)), false);
  const drop = "463C6F7065726174696F6E54797065003C64726F70000004";
  assert.equal(isOfNoDocument(event("04", drop)), true);
  assert.equal(isOfNoDocument("8265A0B1C2000000012B0229296E04"), false);
  assert.equal(isOfNoDocument(""), false);
});

Deno.test("withoutInvalidate is the same place, whether it was one of an invalidate or not", () => {
  const place = positionAt({ t: 7, i: 1 });
  assert.deepEqual(withoutInvalidate({ ...place, invalidate: true }), place);
  assert.deepEqual(withoutInvalidate(place), place);
});
