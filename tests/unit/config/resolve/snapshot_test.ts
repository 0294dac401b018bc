import assert from "node:assert/strict";
import { assertFault, configOf, faultsOf } from "../../../support/load_config.ts";

const WATCHED = { MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: "orders" };

Deno.test("SNAPSHOT is off where nothing is said, and can be of everything that is watched", () => {
  assert.equal(configOf(WATCHED).snapshot, "off");
  assert.equal(configOf({ ...WATCHED, SNAPSHOT: "initial" }).snapshot, "initial");
  const watched: Record<string, string>[] = [
    { MONGODB_DATABASE: "shop" },
    { ...WATCHED, PARTITIONS: "4" },
    { ...WATCHED, MONGODB_COLLECTIONS: "orders_*", WATCH_LEVEL: "collection" },
    { WATCH_LEVEL: "deployment" },
  ];
  for (const each of watched) {
    assert.equal(configOf({ ...each, SNAPSHOT: "initial" }).snapshot, "initial");
  }
});

/** What it cannot be together with, and a word of what is said. */
const REFUSED: [Record<string, string>, RegExp][] = [
  [{ FULL_DOCUMENT: "off" }, /latest state/],
];

for (const [env, pattern] of REFUSED) {
  Deno.test(`SNAPSHOT=initial is refused with ${JSON.stringify(env)}`, () => {
    assertFault(faultsOf({ ...WATCHED, SNAPSHOT: "initial", ...env }), "SNAPSHOT", pattern);
    configOf({ ...WATCHED, ...env });
  });
}
