import assert from "node:assert/strict";
import {
  expressionReferences,
  firstPart,
  queryReferences,
  unrepeatableOperators,
} from "../../../../src/config/transform/expression.ts";

Deno.test("unrepeatableOperators finds operators and variables at any depth", () => {
  for (
    const [value, found] of [
      [{ a: { $rand: {} } }, ["$rand"]],
      [{ $expr: { $lt: ["$x", "$$NOW"] } }, ["$$NOW"]],
      [{ $or: [{ $sampleRate: 0.5 }, { $where: "1" }] }, ["$sampleRate", "$where"]],
      [{ x: { $function: { body: "f", args: ["$$CLUSTER_TIME"], lang: "js" } } }, [
        "$function",
        "$$CLUSTER_TIME",
      ]],
      [{ x: { $in: ["a", "$$USER_ROLES.role"] } }, ["$$USER_ROLES"]],
      [{ x: { $literal: "$$NOW" } }, []],
      [{ x: "$$NOWHERE", y: "$rand", z: "$$ROOT" }, []],
    ] as const
  ) {
    assert.deepEqual(unrepeatableOperators(value), found);
  }
});

/** The fields, and `whole` where the event as such is looked at. */
function expression(value: unknown): string[] {
  const { fields, whole } = expressionReferences(value);
  return [...fields, ...(whole ? ["whole"] : [])];
}

function query(value: unknown): string[] {
  const { fields, whole } = queryReferences(value);
  return [...fields, ...(whole ? ["whole"] : [])];
}

Deno.test("expressionReferences names the fields of paths, however they are written", () => {
  assert.deepEqual(expression({ $eq: ["$a.b", "$$ROOT.c.d"] }), ["a", "c"]);
  assert.deepEqual(expression("$$CURRENT.x"), ["x"]);
  assert.deepEqual(expression({ $let: { vars: { v: "$a" }, in: "$$v.b" } }), ["a"]);
  assert.deepEqual(expression({ $literal: "$a" }), []);
  assert.deepEqual(expression(["plain", 1n, null, { $oid: "$a" }]), []);
});

Deno.test("expressionReferences knows the event as a whole and computed names", () => {
  assert.deepEqual(expression({ $objectToArray: "$$ROOT" }), ["whole"]);
  assert.deepEqual(expression({ $getField: "a.b" }), ["a"]);
  assert.deepEqual(expression({ $getField: { field: "c", input: "$d" } }), ["c", "d"]);
  assert.deepEqual(expression({ $getField: { $literal: "$e" } }), ["$e"]);
  assert.deepEqual(expression({ $getField: { $concat: ["full", "Document"] } }), ["whole"]);
  assert.deepEqual(expression({ $getField: "$f" }), ["whole", "f"].reverse());
});

Deno.test("queryReferences goes through logic, expressions and schemas", () => {
  assert.deepEqual(query({ "a.b": 1, c: { $exists: true } }), ["a", "c"]);
  assert.deepEqual(query({ $or: [{ a: 1 }, { $and: [{ b: 1 }, { $nor: [{ c: 1 }] }] }] }), [
    "a",
    "b",
    "c",
  ]);
  assert.deepEqual(query({ $expr: { $eq: ["$a", "$$ROOT"] } }), ["a", "whole"]);
  assert.deepEqual(query({ $comment: "fullDocument" }), []);
  assert.deepEqual(query({ $text: { $search: "x" } }), ["whole"]);
  assert.deepEqual(query("not a map"), ["whole"]);
  const schema = { $jsonSchema: { required: ["a"], properties: { b: { minimum: 1n } } } };
  const { fields, whole } = queryReferences(schema);
  assert(fields.has("a") && fields.has("b") && !whole);
  assert(queryReferences({ $jsonSchema: { additionalProperties: false } }).whole);
});

Deno.test("firstPart gives what is in front of the first dot", () => {
  assert.equal(firstPart("a.b.c"), "a");
});
