import assert from "node:assert/strict";
import { assertFault, configOf, faultsOf } from "../../../support/load_config.ts";

/** `MONGODB_DATABASE`, `MONGODB_COLLECTIONS`, `WATCH_LEVEL`; what is watched. */
const CASES: [string, string, string, unknown][] = [
  ["", "", "", { level: "deployment", filter: { include: [], exclude: [] } }],
  ["shop", "", "", { level: "database", database: "shop", filter: { include: [], exclude: [] } }],
  ["shop", "orders,fs.files", "", collections("shop.orders", "shop.fs.files")],
  ["shop", "shop.orders", "", collections("shop.orders")],
  ["", "shop.orders, crm.people", "", collections("shop.orders", "crm.people")],
  ["", "shop.orders,shop.orders", "", collections("shop.orders")],
  ["shop", "orders_*,!orders_tmp", "", {
    level: "database",
    database: "shop",
    filter: { include: ["shop.orders_*"], exclude: ["shop.orders_tmp"] },
  }],
  ["", "shop.orders_*,shop.b", "", {
    level: "database",
    database: "shop",
    filter: { include: ["shop.b", "shop.orders_*"], exclude: [] },
  }],
  ["", "shop.a,!crm.b", "", {
    level: "database",
    database: "shop",
    filter: { include: ["shop.a"], exclude: ["crm.b"] },
  }],
  ["", "!shop.tmp", "", {
    level: "deployment",
    filter: { include: [], exclude: ["shop.tmp"] },
  }],
  ["", "*.orders", "", { level: "deployment", filter: { include: ["*.orders"], exclude: [] } }],
  ["", "shop.a*,crm.b", "", {
    level: "deployment",
    filter: { include: ["crm.b", "shop.a*"], exclude: [] },
  }],
  ["shop", "", "deployment", {
    level: "deployment",
    filter: { include: ["shop.*"], exclude: [] },
  }],
  ["shop", "!tmp", "deployment", {
    level: "deployment",
    filter: { include: ["shop.*"], exclude: ["shop.tmp"] },
  }],
  ["", "shop.a,shop.b", "database", {
    level: "database",
    database: "shop",
    filter: { include: ["shop.a", "shop.b"], exclude: [] },
  }],
  ["shop", "a,b*,!bc", "collection", {
    level: "collection",
    collections: [{ database: "shop", collection: "a" }],
    listing: true,
    filter: { include: ["shop.a", "shop.b*"], exclude: ["shop.bc"] },
  }],
];

for (const [database, list, level, expected] of CASES) {
  Deno.test(`resolveWatch: database "${database}", collections "${list}", level "${level}"`, () => {
    const env = { MONGODB_DATABASE: database, MONGODB_COLLECTIONS: list, WATCH_LEVEL: level };
    assert.deepEqual(configOf(env).watch, expected);
  });
}

function collections(...names: string[]): unknown {
  return {
    level: "collection",
    collections: names.map((name) => {
      const dot = name.indexOf(".");
      return { database: name.slice(0, dot), collection: name.slice(dot + 1) };
    }),
    listing: false,
    filter: { include: [...names].sort(), exclude: [] },
  };
}

Deno.test("resolveWatch refuses an entry without a database", () => {
  assertFault(
    faultsOf({ MONGODB_COLLECTIONS: "orders" }),
    "MONGODB_COLLECTIONS",
    /names no database/,
  );
  assertFault(faultsOf({ MONGODB_COLLECTIONS: "!.a" }), "MONGODB_COLLECTIONS", /names no database/);
});

Deno.test("resolveWatch refuses names that MongoDB cannot have, each on its own", () => {
  const faults = faultsOf({ MONGODB_COLLECTIONS: "shop.a$b,sh op.a,shop.ok" });
  assert.deepEqual(faults.map((fault) => fault.problem), [
    'The entry "shop.a$b" cannot be the name of a collection.',
    'The entry "sh op.a" cannot begin with the name of a database.',
  ]);
  assertFault(
    faultsOf({ MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: "!" }),
    "MONGODB_COLLECTIONS",
    /cannot be the name/,
  );
});

Deno.test("resolveWatch refuses a level that contradicts what is named", () => {
  assertFault(faultsOf({ WATCH_LEVEL: "collection" }), "WATCH_LEVEL", /names none/);
  assertFault(
    faultsOf({ WATCH_LEVEL: "collection", MONGODB_COLLECTIONS: "!shop.a" }),
    "WATCH_LEVEL",
    /names none/,
  );
  assertFault(faultsOf({ WATCH_LEVEL: "database" }), "WATCH_LEVEL", /one database/);
  assertFault(
    faultsOf({ WATCH_LEVEL: "database", MONGODB_COLLECTIONS: "a.x,b.x" }),
    "WATCH_LEVEL",
    /one database/,
  );
});

Deno.test("resolveWatch refuses partitions of what is no collection", () => {
  assertFault(faultsOf({ PARTITIONS: "4" }), "PARTITIONS", /watch level is deployment/);
  assert.equal(configOf({ PARTITIONS: "4", MONGODB_COLLECTIONS: "shop.orders" }).partitions, 4);
});

Deno.test("a fault of a list in YAML stands at the item that is wrong, which is shown as what it is", () => {
  const places = (yaml: string) =>
    faultsOf({}, yaml).map(({ setting, place, given }) => [setting, place, given]);
  assert.deepEqual(places("mongodbCollections:\n  - shop.a\n  - shop\n  - '!a$.b'\n"), [
    ["MONGODB_COLLECTIONS", "t.yaml:3:5", "shop.a,shop,!a$.b"],
    ["MONGODB_COLLECTIONS", "t.yaml:4:5", "shop.a,shop,!a$.b"],
  ]);
  assert.deepEqual(places("mongodbCollections: [shop.a, {a: 1}]\nredact:\n  - 1\n  - [b]\n"), [
    ["MONGODB_COLLECTIONS", "t.yaml:1:30", "shop.a,a map"],
    ["REDACT", "t.yaml:4:5", "1,a list"],
  ]);
});
