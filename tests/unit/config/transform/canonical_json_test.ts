import assert from "node:assert/strict";
import { EJSON } from "bson";
import { parse } from "yaml";
import { canonicalJson, isExtendedValue } from "../../../../src/config/transform/canonical_json.ts";

function canonical(yaml: string): unknown {
  return canonicalJson(parse(yaml, { intAsBigInt: true }));
}

Deno.test("canonicalJson gives each number of YAML its BSON type", () => {
  assert.deepEqual(
    canonical("[1, 2147483648, -2147483648, 1.0, 1.5, -0.0, .inf, -.inf, .nan, 1e30]"),
    [
      { $numberInt: "1" },
      { $numberLong: "2147483648" },
      { $numberInt: "-2147483648" },
      { $numberDouble: "1.0" },
      { $numberDouble: "1.5" },
      { $numberDouble: "-0.0" },
      { $numberDouble: "Infinity" },
      { $numberDouble: "-Infinity" },
      { $numberDouble: "NaN" },
      { $numberDouble: "1e+30" },
    ],
  );
});

Deno.test("canonicalJson leaves texts, truths and operators as they are", () => {
  const stage = { $match: { a: { $in: ["x", true, null] }, b: { $regex: "^a" } } };
  assert.deepEqual(canonicalJson(stage), stage);
});

Deno.test("canonicalJson makes Extended JSON canonical, whether its numbers are quoted or not", () => {
  assert.deepEqual(canonical("{$date: '1970-01-01T00:00:01Z'}"), {
    $date: { $numberLong: "1000" },
  });
  assert.deepEqual(canonical("{$date: {$numberLong: 1000}}"), { $date: { $numberLong: "1000" } });
  assert.deepEqual(canonical("{$numberLong: 5}"), { $numberLong: "5" });
  assert.deepEqual(canonical("{$timestamp: {t: 1, i: 2}}"), { $timestamp: { t: 1, i: 2 } });
  assert.deepEqual(canonical("{$minKey: 1}"), { $minKey: 1 });
  assert.deepEqual(canonical("{$date: soon}"), { $date: "soon" });
});

Deno.test("canonicalJson gives what the driver reads back as the same values", () => {
  const stage = canonical(
    "$match: {id: {$oid: 507f1f77bcf86cd799439011}, at: {$gte: {$date: '2026-11-20T00:00:00Z'}}, n: {$in: [1, 1.5, {$numberDecimal: '1.10'}]}}",
  );
  const read = EJSON.parse(JSON.stringify(stage), { relaxed: false });
  const again = JSON.parse(EJSON.stringify(read, { relaxed: false }));
  assert.deepEqual(again, stage);
});

Deno.test("isExtendedValue tells values from operators and documents", () => {
  assert(isExtendedValue({ $oid: "x" }));
  assert(!isExtendedValue({ $in: [] }));
  assert(!isExtendedValue({ $oid: "x", more: 1 }));
  assert(!isExtendedValue({}));
});
