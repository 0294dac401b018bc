import assert from "node:assert/strict";
import type { NamespaceFilter } from "../../../src/model/settings.ts";
import {
  collectionsMatch,
  namespaceMatch,
  QUERIED_NAMES_MAX,
} from "../../../src/source/namespace_match.ts";

/** The part about events that have a collection. */
function nsPart(filter: NamespaceFilter, database?: string): unknown {
  const match = namespaceMatch(filter, database) as { $or: unknown[] } | undefined;
  return match?.$or[1];
}

/** What is asked of the name, where the filter is an expression. */
function expressed(filter: NamespaceFilter, database?: string): unknown {
  const part = nsPart(filter, database) as { $expr: { $let: { in: unknown } } };
  return part.$expr.$let.in;
}

const shopName = { $concat: [{ $literal: "shop" }, ".", "$ns.coll"] };
const fits = (regex: string) => ({ $regexMatch: { input: "$$name", regex, options: "s" } });

Deno.test("namespaceMatch is nothing where all is wanted", () => {
  assert.equal(namespaceMatch({ include: [], exclude: [] }), undefined);
});

Deno.test("namespaceMatch lets events without a collection and renames into wanted ones pass", () => {
  const match = namespaceMatch({ include: ["shop.orders"], exclude: [] }, "shop");
  assert.deepEqual(match, {
    $or: [
      { operationType: { $in: ["dropDatabase", "invalidate"] } },
      { $and: [{ $or: [{ "ns.coll": { $in: ["orders"] } }] }] },
      {
        operationType: "rename",
        $expr: {
          $and: [{ $eq: ["$to.db", { $literal: "shop" }] }, {
            $let: {
              vars: { name: { $concat: ["$to.db", ".", "$to.coll"] } },
              in: {
                $and: [{ $or: [{ $setIsSubset: [["$$name"], { $literal: ["shop.orders"] }] }] }],
              },
            },
          }],
        },
      },
    ],
  });
});

Deno.test("namespaceMatch makes literals an $in, per database where there are several", () => {
  const filter = { include: ["shop.a", "shop.b.c", "crm.d"], exclude: [] };
  assert.deepEqual(nsPart(filter), {
    $and: [{
      $or: [
        { "ns.db": "shop", "ns.coll": { $in: ["a", "b.c"] } },
        { "ns.db": "crm", "ns.coll": { $in: ["d"] } },
      ],
    }],
  });
  assert.deepEqual(nsPart(filter, "shop"), {
    $and: [{ $or: [{ "ns.coll": { $in: ["a", "b.c"] } }] }],
  });
});

Deno.test("namespaceMatch puts many literals into one set", () => {
  const include = Array.from({ length: QUERIED_NAMES_MAX + 1 }, (_, i) => `shop.a${i}`);
  const set = { $setIsSubset: [["$$name"], { $literal: include }] };
  const condition = { $and: [{ $or: [set] }] };
  assert.deepEqual(nsPart({ include, exclude: [] }, "shop"), {
    $expr: { $let: { vars: { name: shopName }, in: condition } },
  });
  const name = { $concat: ["$ns.db", ".", "$ns.coll"] };
  assert.deepEqual(nsPart({ include, exclude: [] }), {
    $expr: { $let: { vars: { name }, in: condition } },
  });
  const few = nsPart({ include: include.slice(1), exclude: [] }, "shop");
  assert.ok(!JSON.stringify(few).includes("$expr"));
  const both = { include: include.slice(1), exclude: include.slice(0, 1) };
  assert.ok(JSON.stringify(nsPart(both, "shop")).includes("$expr"), "excludes count, too");
});

Deno.test("namespaceMatch makes no query of a name that the server would mistake", () => {
  assert.deepEqual(expressed({ include: ["shop.x{2}"], exclude: [] }, "shop"), {
    $and: [{ $or: [{ $setIsSubset: [["$$name"], { $literal: ["shop.x{2}"] }] }] }],
  });
});

Deno.test("namespaceMatch anchors and escapes patterns", () => {
  assert.deepEqual(expressed({ include: ["shop.a+*.(x)"], exclude: [] }, "shop"), {
    $and: [{ $or: [fits("^shop\\.a\\+.*\\.\\(x\\)\\z")] }],
  });
});

Deno.test("namespaceMatch leaves out patterns of other databases, and none where a star stands before the dot", () => {
  const include = ["crm.*", "*.orders", "s*"];
  assert.deepEqual(expressed({ include, exclude: ["crm.a", "crm.b*"] }, "shop"), {
    $and: [{ $or: [fits("^.*\\.orders\\z"), fits("^s.*\\z")] }],
  });
});

Deno.test("namespaceMatch puts excludes beside includes, and alone", () => {
  const literals = { $setIsSubset: [["$$name"], { $literal: ["shop.a"] }] };
  const excluded = { $not: [{ $or: [literals, fits("^shop\\.t_.*\\z")] }] };
  const exclude = ["shop.a", "shop.t_*"];
  assert.deepEqual(expressed({ include: [], exclude }, "shop"), { $and: [excluded] });
  assert.deepEqual(expressed({ include: ["shop.*"], exclude }, "shop"), {
    $and: [{ $or: [fits("^shop\\..*\\z")] }, excluded],
  });
  assert.deepEqual(nsPart({ include: [], exclude: ["shop.a"] }, "shop"), {
    $and: [{ $nor: [{ "ns.coll": { $in: ["a"] } }] }],
  });
});

Deno.test("namespaceMatch wants all where every exclude is of another database", () => {
  assert.deepEqual(nsPart({ include: [], exclude: ["crm.a"] }, "shop"), {});
});

Deno.test("namespaceMatch wants nothing where every include is of another database", () => {
  assert.deepEqual(nsPart({ include: ["crm.a"], exclude: [] }, "shop"), {
    $and: [{ $or: [{ "ns.coll": { $in: [] } }] }],
  });
});

Deno.test("collectionsMatch is about these collections and what is renamed to them, by the letter", () => {
  const collections = [{ database: "shop", collection: "a*" }, {
    database: "crm",
    collection: "b",
  }];
  const names = { $setIsSubset: [["$$name"], { $literal: ["shop.a*", "crm.b"] }] };
  const condition = { $and: [{ $or: [names] }] };
  assert.deepEqual(collectionsMatch(collections), {
    $or: [
      {
        $and: [{
          $or: [
            { "ns.db": "shop", "ns.coll": { $in: ["a*"] } },
            { "ns.db": "crm", "ns.coll": { $in: ["b"] } },
          ],
        }],
      },
      {
        operationType: "rename",
        $expr: {
          $and: [{
            $let: { vars: { name: { $concat: ["$to.db", ".", "$to.coll"] } }, in: condition },
          }],
        },
      },
    ],
  });
});
