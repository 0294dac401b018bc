import assert from "node:assert/strict";
import type { NamespaceFilter } from "../../../src/model/settings.ts";
import { collectionsMatch, namespaceMatch } from "../../../src/source/namespace_match.ts";

interface Expressed {
  readonly $expr: { readonly $let: { readonly vars: { readonly name: unknown }; in: unknown } };
}

/** What is asked of the name of an event's collection. */
function expressed(filter: NamespaceFilter, database?: string): unknown {
  const match = namespaceMatch(filter, database) as { $or: Expressed[] };
  return match.$or[1]!.$expr.$let.in;
}

const among = (...names: string[]) => ({ $in: ["$$name", { $literal: names }] });
const fits = (regex: string) => ({ $regexMatch: { input: "$$name", regex, options: "s" } });
const nameOf = (field: string) => ({ $concat: [`$${field}.db`, ".", `$${field}.coll`] });

Deno.test("namespaceMatch is nothing where all is wanted", () => {
  assert.equal(namespaceMatch({ include: [], exclude: [] }), undefined);
});

Deno.test("namespaceMatch lets events without a collection and renames into wanted ones pass", () => {
  const filter = { include: ["shop.orders"], exclude: [] };
  const isWanted = { $and: [{ $or: [among("shop.orders")] }] };
  const isRenamed = { $let: { vars: { name: nameOf("to") }, in: isWanted } };
  const ofShop = { $concat: [{ $literal: "shop" }, ".", "$ns.coll"] };
  const isOfShop = { $eq: ["$to.db", { $literal: "shop" }] };
  const withoutCollection = { operationType: { $in: ["dropDatabase", "invalidate"] } };
  assert.deepEqual(namespaceMatch(filter, "shop"), {
    $or: [
      withoutCollection,
      { $expr: { $let: { vars: { name: ofShop }, in: isWanted } } },
      { operationType: "rename", $expr: { $and: [isOfShop, isRenamed] } },
    ],
  });
  assert.deepEqual(namespaceMatch(filter), {
    $or: [
      withoutCollection,
      { $expr: { $let: { vars: { name: nameOf("ns") }, in: isWanted } } },
      { operationType: "rename", $expr: { $and: [isRenamed] } },
    ],
  });
});

Deno.test("namespaceMatch halves many names in the order of the server, until few are left", () => {
  const names = Array.from({ length: 40 }, (_, i) => `shop.a${String(i).padStart(2, "0")}`);
  const include = [...names, "shop.\u{1f600}", "shop.\uffee"].reverse();
  assert.deepEqual(expressed({ include, exclude: [] }, "shop"), {
    $and: [{
      $or: [{
        $cond: [
          { $lt: ["$$name", { $literal: "shop.a21" }] },
          among(...names.slice(0, 21)),
          among(...names.slice(21), "shop.\uffee", "shop.\u{1f600}"),
        ],
      }],
    }],
  });
});

Deno.test("namespaceMatch anchors and escapes patterns, and joins some of them", () => {
  assert.deepEqual(expressed({ include: ["shop.a+*.(x)", "shop.b*"], exclude: [] }, "shop"), {
    $and: [{ $or: [fits("^(?:shop\\.a\\+.*\\.\\(x\\)|shop\\.b.*)\\z")] }],
  });
  const include = Array.from({ length: 51 }, (_, i) => `shop.a${i}*`);
  assert.deepEqual(expressed({ include, exclude: [] }, "shop"), {
    $and: [{
      $or: [
        fits(`^(?:${include.slice(0, 50).map((_, i) => `shop\\.a${i}.*`).join("|")})\\z`),
        fits("^(?:shop\\.a50.*)\\z"),
      ],
    }],
  });
});

Deno.test("namespaceMatch leaves out patterns of other databases, and none where a star stands before the dot", () => {
  const include = ["crm.*", "*.orders", "s*", "crm.orders"];
  assert.deepEqual(expressed({ include, exclude: ["crm.a", "crm.b*"] }, "shop"), {
    $and: [{ $or: [fits("^(?:.*\\.orders|s.*)\\z")] }],
  });
  const isNone = { $and: [{ $or: [] }] };
  assert.deepEqual(expressed({ include: ["crm.a"], exclude: [] }, "shop"), isNone);
  const isAny = { $and: [] };
  assert.deepEqual(expressed({ include: [], exclude: ["crm.a"] }, "shop"), isAny);
});

Deno.test("namespaceMatch puts excludes beside includes, and alone", () => {
  const exclude = ["shop.a", "shop.t_*"];
  const isExcluded = { $not: [{ $or: [among("shop.a"), fits("^(?:shop\\.t_.*)\\z")] }] };
  assert.deepEqual(expressed({ include: [], exclude }, "shop"), { $and: [isExcluded] });
  assert.deepEqual(expressed({ include: ["shop.*"], exclude }, "shop"), {
    $and: [{ $or: [fits("^(?:shop\\..*)\\z")] }, isExcluded],
  });
});

Deno.test("collectionsMatch is about these collections and what is renamed to them, by the letter", () => {
  const collections = [{ database: "shop", collection: "a*" }, {
    database: "crm",
    collection: "b",
  }];
  const isOne = { $and: [{ $or: [among("crm.b", "shop.a*")] }] };
  const match = {
    $or: [
      { $expr: { $let: { vars: { name: nameOf("ns") }, in: isOne } } },
      {
        operationType: "rename",
        $expr: { $and: [{ $let: { vars: { name: nameOf("to") }, in: isOne } }] },
      },
    ],
  };
  assert.deepEqual(collectionsMatch(collections), match);
  assert.deepEqual(collectionsMatch(collections, undefined, 0.5), match);
});

Deno.test("collectionsMatch looks at whole events where most are wanted", () => {
  const collections = [{ database: "shop", collection: "a" }];
  const { $or } = collectionsMatch(collections, "shop") as { $or: unknown[] };
  assert.deepEqual(collectionsMatch(collections, "shop", 0.9), {
    $or: [...$or, { thereIsNoSuchField: true }],
  });
});
