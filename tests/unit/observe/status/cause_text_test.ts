import assert from "node:assert/strict";
import { countOf, listOf, sentence, streamsOf } from "../../../../src/observe/status/cause_text.ts";

Deno.test("sentence keeps a reason apart, and cuts long ones", () => {
  assert.deepEqual(sentence("It is away", null), { text: "It is away." });
  assert.deepEqual(sentence("It is away", "gone."), { text: "It is away: gone.", reason: "gone" });
  assert.equal(sentence("It is wrong", "is it this?").text, "It is wrong: is it this?");
  const { text, reason } = sentence("It is away", "x".repeat(900));
  assert.equal(text, `It is away: ${reason}.`);
  assert.equal(text.length, "It is away: ".length + 200);
});

Deno.test("countOf, streamsOf and listOf name one, and count or cut many", () => {
  const one = [{ name: "a" }];
  const many = ["a", "b", "c", "d"];
  const all = many.map((name) => ({ name }));
  assert.deepEqual([countOf(one), countOf(all)], ["a is", "4 streams are"]);
  assert.deepEqual([streamsOf(one), streamsOf(all)], ["a has", "4 streams have"]);
  assert.deepEqual([listOf(["a", "b"]), listOf(many)], ["a, b", "a, b, c and others"]);
});
