import assert from "node:assert/strict";
import { BSON } from "mongodb";
import { whereStages } from "../../../../../src/source/mongo/documents/find_filter.ts";

Deno.test("whereStages() keeps the types of values", () => {
  assert.deepEqual(whereStages(undefined), []);
  const where = `{"n":{"$numberLong":"9007199254740993"}}`;
  const [stage, ...others] = whereStages(where);
  assert.deepEqual(others, []);
  assert.equal(BSON.EJSON.stringify(stage!["$match"], { relaxed: false }), where);
});
