import assert from "node:assert/strict";
import fc from "fast-check";
import { readableJson } from "../../../src/support/json_text.ts";

Deno.test("readableJson writes what JSON.parse reads back, ending with a newline", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const written = readableJson(value);
    assert(written.endsWith("\n"));
    assert.deepEqual(JSON.parse(written), JSON.parse(JSON.stringify(value)));
  }));
});

Deno.test("readableJson keeps short values on a line and breaks long ones", () => {
  const long = "x".repeat(60);
  assert.equal(
    readableJson({ a: { b: [1, 2] }, none: [], long: [{ long }, { long }], gone: undefined }),
    `{
  "a": {"b":[1,2]},
  "none": [],
  "long": [
    {"long":"${long}"},
    {"long":"${long}"}
  ]
}
`,
  );
});

Deno.test("readableJson refuses what JSON cannot write", () => {
  assert.throws(() => readableJson(undefined), TypeError);
  assert.throws(() => readableJson({ deep: [undefined, "x".repeat(100)] }), TypeError);
});
