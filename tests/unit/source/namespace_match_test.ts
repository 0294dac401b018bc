import assert from "node:assert/strict";
import type { NamespaceFilter } from "../../../src/model/settings.ts";
import { namespaceMatch } from "../../../src/source/namespace_match.ts";

const all: NamespaceFilter = { include: [], exclude: [] };

/** The part about events that have a collection. */
function nsPart(filter: NamespaceFilter, database?: string): unknown {
  const match = namespaceMatch(filter, database) as { $or: unknown[] } | undefined;
  return match?.$or[1];
}

Deno.test("namespaceMatch is nothing where all is wanted", () => {
  assert.equal(namespaceMatch(all), undefined);
});

Deno.test("namespaceMatch lets events without a collection and renames into wanted ones pass", () => {
  const match = namespaceMatch({ include: ["shop.orders"], exclude: [] }, "shop");
  assert.deepEqual(match, {
    $or: [
      { operationType: { $in: ["dropDatabase", "invalidate"] } },
      { $and: [{ $or: [{ "ns.coll": { $in: ["orders"] } }] }] },
      {
        $and: [
          { operationType: "rename" },
          { $and: [{ "to.db": "shop" }, { $or: [{ "to.coll": { $in: ["orders"] } }] }] },
        ],
      },
    ],
  });
});

Deno.test("namespaceMatch makes literals an $in, per database where there are several", () => {
  const filter = { include: ["shop.a", "shop.b.c", "crm.d"], exclude: [] };
  assert.deepEqual(nsPart(filter), {
    $and: [{
      $or: [
        { "ns.db": "crm", "ns.coll": { $in: ["d"] } },
        { "ns.db": "shop", "ns.coll": { $in: ["a", "b.c"] } },
      ],
    }],
  });
  assert.deepEqual(nsPart(filter, "shop"), {
    $and: [{ $or: [{ "ns.coll": { $in: ["a", "b.c"] } }] }],
  });
});

Deno.test("namespaceMatch anchors and escapes patterns", () => {
  assert.deepEqual(nsPart({ include: ["shop.a+*.(x)"], exclude: [] }, "shop"), {
    $and: [{ $or: [{ "ns.coll": { $regex: "^a\\+.*\\.\\(x\\)$", $options: "s" } }] }],
  });
});

Deno.test("namespaceMatch compares the whole name where a star stands before the dot", () => {
  const part = JSON.stringify(nsPart({ include: ["*.orders"], exclude: [] }));
  assert.match(part, /\$regexMatch/);
  assert.match(part, /\$ns\.db/);
});

Deno.test("namespaceMatch puts excludes beside includes, and alone", () => {
  assert.deepEqual(nsPart({ include: [], exclude: ["shop.a", "shop.t_*"] }, "shop"), {
    $and: [{
      $nor: [
        { "ns.coll": { $in: ["a"] } },
        { "ns.coll": { $regex: "^t_.*$", $options: "s" } },
      ],
    }],
  });
});

Deno.test("namespaceMatch wants nothing where every include is of another database", () => {
  assert.deepEqual(nsPart({ include: ["crm.a"], exclude: [] }, "shop"), {
    $and: [{ $or: [{ "ns.coll": { $in: [] } }] }],
  });
});
