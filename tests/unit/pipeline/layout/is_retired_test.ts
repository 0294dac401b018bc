import assert from "node:assert/strict";
import { isRetired, OVERLAPS } from "../../../../src/pipeline/layout/is_retired.ts";
import { lakeWith } from "../../../support/closed_journals.ts";
import { LakeWorld, ORDERS } from "../../../support/lake_world.ts";

Deno.test("a journal is retired that is closed and has brought something", async () => {
  const closed = await (await lakeWith([[ORDERS, 50]])).records();
  assert.deepEqual(closed.map(isRetired), [false, true]);
  const overlaps = await (await lakeWith([[ORDERS, 50]], `${OVERLAPS}others`)).records();
  assert.deepEqual(overlaps.map(isRetired), [false, false]);
  const running = new LakeWorld();
  await running.instance().runToEnd();
  assert((await running.records()).every((record) => !isRetired(record)));
  assert.equal(isRetired(undefined), false);
});
