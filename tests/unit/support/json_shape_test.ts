import assert from "node:assert/strict";
import {
  arrayOf,
  isMap,
  jsonObject,
  mapOf,
  nullOr,
  objectOf,
  oneOf,
  text,
  wholeNumber,
} from "../../../src/support/json_shape.ts";

interface Pair {
  readonly left: number;
  readonly right?: string;
}

const PAIR = objectOf<Pair>({ left: wholeNumber(0, 9), right: text() }, ["right"]);

Deno.test("isMap knows objects with fields from arrays, texts and null", () => {
  assert(isMap({}) && !isMap([]) && !isMap(null) && !isMap("x"));
});

Deno.test("objectOf gives a copy with the keys in the order of the shape", () => {
  const given = { right: "r", left: 1 };
  const copy = PAIR(given, "");
  assert.equal(JSON.stringify(copy), '{"left":1,"right":"r"}');
  assert.notEqual(copy, given);
  assert.deepEqual(PAIR({ left: 2 }, ""), { left: 2 });
  assert.deepEqual(PAIR({ left: 2, right: undefined }, ""), { left: 2 });
});

Deno.test("objectOf names what is missing, what is not known and what is wrong", () => {
  const cases: [unknown, string][] = [
    [{}, 'field "at.left" is missing'],
    [{ left: undefined }, 'field "at.left" is missing'],
    [{ left: 1, middle: 2 }, 'field "at.middle" is not known'],
    [{ left: 1, right: null }, 'field "at.right" is null instead of a text'],
    [[], 'field "at" is [] instead of an object'],
  ];
  for (const [value, message] of cases) {
    assert.throws(() => PAIR(value, "at"), { name: "TypeError", message });
  }
  assert.throws(() => PAIR(new Map(), "at"), TypeError);
  assert.throws(() => PAIR(JSON.parse('{"left":1,"__proto__":1}'), ""), /"__proto__" is not known/);
});

Deno.test("mapOf takes any names, and names the value that is wrong", () => {
  const counts = mapOf(wholeNumber(0));
  assert.deepEqual(counts({ a: 1, b: 2 }, ""), { a: 1, b: 2 });
  assert.throws(() => counts({ a: 1, b: "2" }, "at"), { message: /field "at\.b" is "2"/ });
  for (const value of [null, [], "a"]) assert.throws(() => counts(value, ""), TypeError);
});

Deno.test("wholeNumber takes its limits and nothing beyond, and turns -0 into 0", () => {
  const digit = wholeNumber(0, 9);
  assert.equal(digit(0, ""), 0);
  assert.equal(digit(9, ""), 9);
  assert(Object.is(digit(-0, ""), 0));
  for (const value of [-1, 10, 0.5, NaN, Infinity, "1", null, undefined, 1n, true]) {
    assert.throws(
      () => digit(value, "n"),
      /field "n" is .* instead of a whole number from 0 to 9$/,
    );
  }
});

Deno.test("oneOf, nullOr, text and arrayOf take what they say and nothing else", () => {
  assert.equal(oneOf("a", "b")("b", ""), "b");
  assert.throws(() => oneOf("a", "b")("c", "x"), {
    message: 'field "x" is "c" instead of "a" or "b"',
  });
  assert.equal(nullOr(text())(null, ""), null);
  assert.equal(nullOr(text())("t", ""), "t");
  assert.throws(() => text(/^\d+$/, "digits")("1a", "x"), {
    message: 'field "x" is "1a" instead of digits',
  });
  assert.deepEqual(arrayOf(text())(["a", "b"], ""), ["a", "b"]);
  assert.throws(() => arrayOf(text())(["a", 1], "x"), {
    message: 'field "x[1]" is 1 instead of a text',
  });
});

Deno.test("a shape's message cuts a long value", () => {
  assert.throws(() => oneOf("a")("b".repeat(1000), "x"), (error) => String(error).length < 120);
});

Deno.test("jsonObject takes what JSON can write and keeps the order of keys", () => {
  const value = { z: [1, { y: null, x: "" }], a: true };
  assert.equal(JSON.stringify(jsonObject(value, "")), JSON.stringify(value));
  for (const bad of [undefined, NaN, 1n, new Map(), () => 1, new Uint8Array(1)]) {
    assert.throws(() => jsonObject({ deep: [bad] }, "at"), /field "at\.deep\[0\]" is /);
  }
});
