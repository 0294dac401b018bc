import assert from "node:assert/strict";
import {
  alike,
  firstWords,
  flagsByName,
  groupWords,
  subVerbs,
} from "../../../../src/cli/completion/lists.ts";
import { FORMS } from "./forms.ts";

Deno.test("alike keeps the order of what it groups", () => {
  const groups = alike(["b1", "a1", "b2"], (text) => text[0]!);
  assert.deepEqual(groups, [["b", ["b1", "b2"]], ["a", ["a1"]]]);
});

Deno.test("firstWords has a group once, with what it stands for", () => {
  assert.deepEqual(firstWords(FORMS, { lock: "Leases" }), [["run", "Go"], ["lock", "Leases"]]);
});

Deno.test("flagsByName has a flag of several verbs once", () => {
  const names = flagsByName(FORMS).map(({ name }) => name);
  assert.deepEqual(names, ["--help", "--version", "--mode", "--quick", "--file", "--id"]);
});

Deno.test("groupWords and subVerbs take verbs of two words apart", () => {
  assert.deepEqual(groupWords(FORMS), ["lock"]);
  assert.deepEqual(subVerbs(FORMS, "lock"), [["show", "Who has [it]"], ["end", "It's over"]]);
});
