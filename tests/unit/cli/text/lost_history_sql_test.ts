import assert from "node:assert/strict";
import { lostHistoryConditions } from "../../../../src/cli/text/lost_history_sql.ts";
import type { SnapshotEnd } from "../../../../src/model/snapshot.ts";

const ORDERS = { level: "collection", database: "shop", collection: "orders" } as const;
const SHOP = { level: "database", database: "shop" } as const;
const ALL = { level: "deployment" } as const;

function end(more: Partial<SnapshotEnd>): SnapshotEnd {
  return { v: 1, id: "x", writtenAt: "now", ...more };
}

Deno.test("what has no row behind the last loss is gone, where a snapshot says so", () => {
  const ends = [
    end({}),
    end({ database: "shop", collection: "orders", before: "82A" }),
    end({ database: "shop", collection: null, before: "82B", except: [] }),
    end({ database: "shop", collection: "items", before: "82C" }),
    end({ database: "crm", collection: null, before: "82D" }),
  ];
  assert.deepEqual(lostHistoryConditions(ends, ORDERS), ["resume_token > '82B'"]);
  assert.deepEqual(lostHistoryConditions([end({})], ORDERS), []);
});

Deno.test("nothing is said of collections of which a snapshot says nothing", () => {
  const except = [{ database: "shop", collection: "o'rders" }];
  const ends = [end({ database: "shop", collection: null, before: "82B", except })];
  assert.deepEqual(lostHistoryConditions(ends, { ...ORDERS, collection: "o'rders" }), []);
  assert.deepEqual(lostHistoryConditions(ends, ORDERS), ["resume_token > '82B'"]);
  assert.deepEqual(lostHistoryConditions(ends, SHOP), [
    "(resume_token > '82B' OR database = 'shop' AND collection = 'o''rders')",
  ]);
});

Deno.test("where the query is of any collection, each loss names its own", () => {
  const ends = [
    end({ database: "shop", collection: "items", before: "82C" }),
    end({ database: null, collection: null, before: "82B" }),
    end({ database: "shop", collection: "old", before: "82A" }),
  ];
  assert.deepEqual(lostHistoryConditions(ends, SHOP), [
    "resume_token > '82B'",
    "(resume_token > '82C' OR collection <> 'items')",
  ]);
  assert.deepEqual(lostHistoryConditions(ends.slice(0, 1), ALL), [
    "(resume_token > '82C' OR database <> 'shop' OR collection <> 'items')",
  ]);
});
