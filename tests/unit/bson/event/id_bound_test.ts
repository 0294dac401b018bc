import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { BSON } from "mongodb";
import { findId, idBound } from "../../../../src/bson/event/id_bound.ts";

Deno.test("a bound has nothing but the _id, bit for bit", () => {
  const bytes = BSON.serialize({ a: "text", _id: { b: [1] }, z: 1 });
  const expected = BSON.serialize({ _id: { b: [1] } });
  assert.equal(idBound(bytes, 0), Buffer.from(expected).toString("base64"));
});

Deno.test("an _id inside another field is none", () => {
  const bytes = BSON.serialize({ inner: { _id: 1 }, _id: 2 });
  const { start, end } = findId(bytes, 0);
  assert.equal(end - start, 1 + 4 + 4);
  assert.throws(() => findId(BSON.serialize({ inner: { _id: 1 } }), 0), /without _id/);
});
