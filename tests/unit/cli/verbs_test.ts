import assert from "node:assert/strict";
import { GROUPS, VERBS } from "../../../src/cli/verbs.ts";

Deno.test("no two verbs have the same name, and each first word of two is a group that is explained", () => {
  const names = VERBS.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
  const groups = names.filter((name) => name.includes(" ")).map((name) => name.split(" ")[0]!);
  assert.deepEqual([...new Set(groups)].sort(), Object.keys(GROUPS).sort());
});
