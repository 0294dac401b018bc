import assert from "node:assert/strict";
import { assertFault, configOf, faultsOf } from "../../../support/load_config.ts";

const WATCHED = { MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: "orders" };

Deno.test("SNAPSHOT is off where nothing is said, and can be of collections and of a database", () => {
  assert.equal(configOf(WATCHED).snapshot, "off");
  assert.equal(configOf({ ...WATCHED, SNAPSHOT: "initial" }).snapshot, "initial");
  assert.equal(configOf({ MONGODB_DATABASE: "shop", SNAPSHOT: "initial" }).snapshot, "initial");
});

/** What it cannot be together with, and a word of what is said. */
const REFUSED: [Record<string, string>, RegExp][] = [
  [{ FULL_DOCUMENT: "off" }, /latest state/],
  [{ PARTITIONS: "4" }, /divided/],
  [{ MONGODB_COLLECTIONS: "orders_*", WATCH_LEVEL: "collection" }, /patterns/],
  [{ WATCH_LEVEL: "deployment" }, /deployment/],
];

for (const [env, pattern] of REFUSED) {
  Deno.test(`SNAPSHOT=initial is refused with ${JSON.stringify(env)}`, () => {
    assertFault(faultsOf({ ...WATCHED, SNAPSHOT: "initial", ...env }), "SNAPSHOT", pattern);
    configOf({ ...WATCHED, ...env });
  });
}
