import assert from "node:assert/strict";
import {
  boolean,
  duration,
  integer,
  type Kind,
  list,
  oneOf,
  oneOrBoth,
  size,
  text,
} from "../../../../src/config/table/kinds.ts";
import { readValue } from "../../../../src/config/table/read_value.ts";

function parse<T>(kind: Kind<T>, value: string): T | undefined {
  return readValue(kind, kind.fromText(value));
}

Deno.test("each kind reads what it allows, refuses what it does not, and writes what it reads", () => {
  const cases: [Kind<unknown>, string, string][] = [
    [oneOf(["a", "b"]), "b", "c"],
    [text(/^x+$/, "x"), "xx", "xy"],
    [integer(1, 9), "9", "10"],
    [integer(-5, 9), "-5", "1.0"],
    [integer(1, 9), "1", ""],
    [boolean(), "true", "1"],
    [duration("1s", "1m"), "1m", "61s"],
    [duration("1s", "1m"), "1s", "999ms"],
    [duration("1s", "1m"), "2s", "2"],
    [size("1KiB", "1MiB"), "1MiB", "1025KiB"],
    [size("1KiB", "1MiB"), "1KiB", "0B"],
    [list("names"), "a,b", ""],
  ];
  for (const [kind, good, bad] of cases) {
    const value = parse(kind, good);
    assert.notEqual(value, undefined, good);
    assert.equal(kind.format(value), good);
    assert.equal(parse(kind, bad), undefined, bad);
  }
});

Deno.test("duration and size give milliseconds and bytes", () => {
  assert.equal(parse(duration("1ms", "1d"), "1.5s"), 1500);
  assert.equal(parse(size("1B", "1GiB"), "2MiB"), 2_097_152);
});

Deno.test("list drops blanks and empty items", () => {
  assert.deepEqual(parse(list("names"), " a, ,b ,"), ["a", "b"]);
});

Deno.test("oneOrBoth takes both words in any order", () => {
  const kind = oneOrBoth(["a", "b"]);
  assert.equal(kind.allowed, "none, a, b, a,b");
  const read = (text: string) => readValue(kind, kind.fromText(text));
  assert.deepEqual(["none", "a", "a,b", "b, a", "c"].map(read), [
    "none",
    "a",
    "a,b",
    "b,a",
    undefined,
  ]);
});

Deno.test("oneOf says all its words", () => {
  assert.equal(oneOf(["a", "b"]).allowed, "a, b");
});
