import assert from "node:assert/strict";
import { checkCollections } from "../../../src/app/check_collections.ts";
import { LakeWorld } from "../../support/lake_world.ts";
import { createMemoryNamespaces } from "../../support/memory_namespaces.ts";
import { NEVER } from "../../support/covered_lake.ts";

Deno.test("checkCollections counts the change streams of what comes and goes, and warns where there are none", async () => {
  const { oplog, clock } = new LakeWorld();
  const source = createMemoryNamespaces(oplog, clock);
  const filter = { include: ["shop.o*"], exclude: [] };
  assert.deepEqual(await checkCollections(source, undefined, NEVER), []);
  const said = async (...include: string[]) => {
    const found = await checkCollections(source, { include, exclude: [] }, NEVER);
    return found.map(({ state, text }) => `${state}: ${text}`);
  };
  const news = "ok: where collections begin and end: ";
  assert.deepEqual(await said("shop.o*", "shop.c*"), [`${news}1 change stream`]);
  assert.deepEqual(await said("shop.o*", "crm.*"), [`${news}2 change streams`]);
  assert.deepEqual(await said("shop.o*", "*.a"), [`${news}1 change stream`]);
  const blind = { ...source, openNews: () => Promise.resolve(undefined) };
  const [finding] = await checkCollections(blind, filter, NEVER);
  assert.equal(finding?.state, "warning");
  assert.match(finding!.text, /grant the MongoDB user the role `read` on each database/);
  const wide = { include: ["*.orders"], exclude: [] };
  assert.match((await checkCollections(blind, wide, NEVER))[0]!.text, /readAnyDatabase/);
});
