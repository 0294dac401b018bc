import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { applyMutation, MUTATIONS } from "./mutations.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("applyMutation finds the place of each mutation in the sources", async () => {
  for (const mutation of MUTATIONS) {
    const text = await Deno.readTextFile(fileURLToPath(new URL(mutation.file, ROOT)));
    assert.notEqual(applyMutation(mutation, text), text, mutation.name);
  }
});

Deno.test("applyMutation refuses a text that is there twice, or not at all", () => {
  const mutation = { name: "swap", file: "a.ts", from: "one", to: "two" };
  assert.equal(applyMutation(mutation, "only one here"), "only two here");
  assert.throws(() => applyMutation(mutation, "one and one"), /2 times/);
  assert.throws(() => applyMutation(mutation, "two"), /0 times/);
});
