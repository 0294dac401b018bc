import assert from "node:assert/strict";
import { BSON, Timestamp } from "mongodb";
import {
  atOneTime,
  findBounds,
  matchBounds,
} from "../../../../../src/source/mongo/documents/read_commands.ts";

const bound = (_id: unknown) => btoa(String.fromCharCode(...BSON.serialize({ _id })));
const A = bound("a");
const B = bound("b");
const literal = (value: unknown) => ({ $literal: value });

Deno.test("a part is matched from its beginning on, or behind it, and before its end", () => {
  const match = (expression: unknown) => ({ $match: { $expr: expression } });
  assert.deepEqual(matchBounds({}), { $match: {} });
  assert.deepEqual(
    matchBounds({ from: A, to: B }),
    match({ $and: [{ $gte: ["$_id", literal("a")] }, { $lt: ["$_id", literal("b")] }] }),
  );
  assert.deepEqual(
    matchBounds({ from: A, isAfter: true }),
    match({ $and: [{ $gt: ["$_id", literal("a")] }] }),
  );
  assert.deepEqual(matchBounds({ only: A }), match({ $eq: ["$_id", literal("a")] }));
});

Deno.test("a find has bounds of the index wherever there is an end", () => {
  const hint = { _id: 1 };
  assert.deepEqual(findBounds({ to: B }), { max: new Map([["_id", "b"]]), hint });
  assert.deepEqual(findBounds({}), {});
});

Deno.test("a command says of which collection it is, and of which time if it is known", () => {
  const { collectionUUID, readConcern } = atOneTime({ uuid: "0f".repeat(16) }, { t: 7, i: 2 });
  assert.equal(collectionUUID.toString("hex"), "0f".repeat(16));
  assert.deepEqual(readConcern, {
    level: "snapshot",
    atClusterTime: new Timestamp({ t: 7, i: 2 }),
  });
  assert.deepEqual(atOneTime({ uuid: "00", isCapped: true }, { t: 7, i: 2 })["readConcern"], {
    ...{ level: "majority", afterClusterTime: new Timestamp({ t: 7, i: 2 }) },
  });
  assert.deepEqual(atOneTime({ uuid: "00" }, undefined)["readConcern"], { level: "snapshot" });
});
