import assert from "node:assert/strict";
import { chooseCompactions } from "../../../../src/table/compaction/choose_compactions.ts";

function choose(all: Readonly<Record<string, string>>, gone = ""): string {
  const choices = Object.entries(all).map(([id, inputs]) => ({ id, inputs: [...inputs] }));
  const isGone = (input: string) => gone.includes(input);
  const chosen = chooseCompactions(choices, isGone).map(({ id }) => id).sort();
  const backwards = chooseCompactions(choices.toReversed(), isGone).map(({ id }) => id).sort();
  assert.deepEqual(backwards, chosen, "the order matters");
  return chosen.join(" ");
}

Deno.test("compactions that share nothing are all taken, and of others the largest", () => {
  assert.equal(choose({ a: "12", b: "34" }), "a b");
  assert.equal(choose({ a: "12", b: "234" }), "b");
  assert.equal(choose({ a: "12", b: "23", c: "34" }), "a c");
});

Deno.test("what is gone is in what is taken, also where others are larger", () => {
  assert.equal(choose({ a: "12", b: "234" }, "12"), "a");
  assert.equal(choose({ a: "12", b: "234" }, "2"), "b");
  assert.equal(choose({ a: "12", b: "23", c: "34" }, "23"), "b");
  // What one forces leaves the next no choice.
  assert.equal(choose({ a: "12", b: "23456", c: "34", d: "567" }, "1234"), "a c d");
});
