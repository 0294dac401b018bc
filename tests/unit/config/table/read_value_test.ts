import assert from "node:assert/strict";
import {
  boolean,
  duration,
  integer,
  list,
  oneOf,
  text,
} from "../../../../src/config/table/kinds.ts";
import { readValue } from "../../../../src/config/table/read_value.ts";
import { setting, SETTING_NAMES } from "../../../../src/config/table/schema.ts";

Deno.test("readValue takes the default of every setting that has one, and nothing that is no value at all", () => {
  for (const name of SETTING_NAMES) {
    const { kind, default: standard } = setting(name);
    if (standard !== undefined) {
      assert.notEqual(readValue<unknown>(kind, kind.fromText(standard)), undefined, name);
    }
    for (const other of [null, undefined, {}]) {
      assert.equal(readValue<unknown>(kind, other), undefined, name);
    }
  }
});

Deno.test("readValue refuses values of another type or beyond the limits", () => {
  assert.equal(readValue(oneOf(["a"]), ["a"] as unknown), undefined);
  assert.equal(readValue(text(/1/, ""), 1), undefined);
  for (const value of [0, 10, 1.5, NaN, 2 ** 60, "5"]) {
    assert.equal(readValue(integer(1, 9), value), undefined, String(value));
  }
  assert.equal(readValue(boolean(), "true"), undefined);
  assert.equal(readValue(boolean(), false), false);
  for (const value of [[], [""], ["a", 1], "a"]) {
    assert.equal(readValue(list(""), value), undefined, JSON.stringify(value));
  }
  assert.equal(readValue(duration("1s", "1m"), 30_000), undefined);
  assert.equal(readValue(duration("1s", "1m"), "1m"), 60_000);
});
