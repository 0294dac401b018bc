import assert from "node:assert/strict";
import { parseJson, writeJson } from "../../../../src/table/iceberg/exact_json.ts";

Deno.test("an id that no double can hold is read and written as it is", () => {
  const text =
    '{"snapshot-id":2776548382984813079,"refs":{"main":{"snapshot-id":-9007199254740993}}}';
  assert.deepEqual(parseJson(text), {
    "snapshot-id": 2776548382984813079n,
    "refs": { main: { "snapshot-id": -9007199254740993n } },
  });
  assert.equal(writeJson(parseJson(text)), text);
});

Deno.test("a field of 64 bits is a bigint however small it is, others are numbers", () => {
  const text =
    '{"current-snapshot-id":-1,"format-version":2,"last-sequence-number":0,"schema-id":0}';
  assert.deepEqual(parseJson(text), {
    "current-snapshot-id": -1n,
    "format-version": 2,
    "last-sequence-number": 0n,
    "schema-id": 0,
  });
});

Deno.test("lists of ids are lists of bigints", () => {
  const text = '{"action":"remove-snapshots","snapshot-ids":[1,2776548382984813079]}';
  assert.deepEqual((parseJson(text) as Record<string, unknown>)["snapshot-ids"], [
    1n,
    2776548382984813079n,
  ]);
  assert.equal(writeJson(parseJson(text)), text);
});

Deno.test("an integer that is too large for a number is a bigint wherever it stands", () => {
  assert.deepEqual(parseJson('{"of-others":[9007199254740993, 1]}'), {
    "of-others": [9007199254740993n, 1],
  });
});

Deno.test("texts, nulls, fractions and properties stay what they are", () => {
  const value = {
    "current-snapshot-id": null,
    "properties": { "snapshot-id": "12", "a": "1e3" },
    "share": 0.5,
    "on": true,
  };
  assert.deepEqual(parseJson(writeJson(value)), value);
});

Deno.test("text that is no JSON is a SyntaxError", () => {
  assert.throws(() => parseJson("<html>"), SyntaxError);
});
