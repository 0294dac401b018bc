import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { applyChange, changesOf } from "./mutation.ts";
import { MUTATIONS } from "./mutations.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("applyChange finds the places of each mutation in the sources", async () => {
  for (const mutation of MUTATIONS) {
    for (const change of changesOf(mutation)) {
      const text = await Deno.readTextFile(fileURLToPath(new URL(change.file, ROOT)));
      assert.notEqual(applyChange(change, text), text, mutation.name);
    }
  }
});

Deno.test("applyChange refuses a text that is there twice, or not at all", () => {
  const change = { file: "a.ts", from: "one", to: "two" };
  assert.equal(applyChange(change, "only one here"), "only two here");
  assert.throws(() => applyChange(change, "one and one"), /2 times/);
  assert.throws(() => applyChange(change, "two"), /0 times/);
});
