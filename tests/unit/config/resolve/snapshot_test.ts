import assert from "node:assert/strict";
import { assertFault, configOf, faultsOf } from "../../../support/load_config.ts";

const WATCHED = { MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: "orders" };

Deno.test("documents that are there are read where nobody says anything, if they can be", () => {
  assert.deepEqual(configOf(WATCHED).snapshot, { kind: "where-possible" });
  assert.deepEqual(configOf({ ...WATCHED, START_FROM: "now" }).snapshot, {
    kind: "where-possible",
  });
  const watched: Record<string, string>[] = [
    { MONGODB_DATABASE: "shop" },
    { ...WATCHED, PARTITIONS: "4" },
    { ...WATCHED, MONGODB_COLLECTIONS: "orders_*", WATCH_LEVEL: "collection" },
    { WATCH_LEVEL: "deployment" },
  ];
  for (const each of watched) {
    assert.deepEqual(configOf(each).snapshot, { kind: "where-possible" });
    assert.deepEqual(configOf({ ...each, SNAPSHOT: "initial" }).snapshot, { kind: "initial" });
    assert.deepEqual(configOf({ ...each, SNAPSHOT: "off" }).snapshot, { kind: "off" });
  }
});

const AGAINST: [Record<string, string>, RegExp, string][] = [
  [{ FULL_DOCUMENT: "off" }, /latest state/, "set FULL_DOCUMENT=update-lookup"],
  [{ START_FROM: "earliest" }, /START_FROM=earliest says where/, "set SNAPSHOT=initial"],
  [{ START_FROM: "2026-11-20" }, /START_FROM=2026-11-20 says where/, "set SNAPSHOT=initial"],
];

for (const [env, pattern, change] of AGAINST) {
  Deno.test(`where nobody asks for documents, they are not read with ${JSON.stringify(env)}`, () => {
    const { snapshot } = configOf({ ...WATCHED, ...env });
    assert(snapshot.kind === "off" && snapshot.why !== undefined);
    assert.match(snapshot.why.reason, pattern);
    assert.equal(snapshot.why.change, change);
    assert.deepEqual(configOf({ ...WATCHED, ...env, SNAPSHOT: "off" }).snapshot, { kind: "off" });
  });
}

Deno.test("who asks for documents and a place in history gets both", () => {
  const env = { ...WATCHED, START_FROM: "earliest", SNAPSHOT: "initial" };
  assert.deepEqual(configOf(env).snapshot, { kind: "initial" });
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
