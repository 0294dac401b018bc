import assert from "node:assert/strict";
import { checkCollections } from "../../../src/app/check_collections.ts";
import { LakeWorld } from "../../support/lake_world.ts";
import { createMemoryNamespaces } from "../../support/memory_namespaces.ts";
import { NEVER } from "../../support/covered_lake.ts";

Deno.test("checkCollections warns where patterns are filled in by listing alone, and says what to grant", async () => {
  const { oplog, clock } = new LakeWorld();
  const source = createMemoryNamespaces(oplog, clock);
  const filter = { include: ["shop.o*"], exclude: [] };
  assert.deepEqual(await checkCollections(source, undefined, NEVER), []);
  assert.deepEqual(await checkCollections(source, filter, NEVER), []);
  const blind = { ...source, openNews: () => Promise.resolve(undefined) };
  const [finding] = await checkCollections(blind, filter, NEVER);
  assert.equal(finding?.state, "warning");
  assert.match(finding!.text, /grant the MongoDB user the role `read` on each database/);
  const wide = { include: ["*.orders"], exclude: [] };
  assert.match((await checkCollections(blind, wide, NEVER))[0]!.text, /readAnyDatabase/);
});
