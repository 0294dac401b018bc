import assert from "node:assert/strict";
import { suggest } from "../../../../src/config/read/suggest.ts";

const KNOWN = ["batchSize", "batchBytes", "format", "redisUrl"];

Deno.test("suggest finds what a slip of the fingers meant", () => {
  assert.equal(suggest("batchSzie", KNOWN), "batchSize");
  assert.equal(suggest("BATCH_BYTE", KNOWN), "batchBytes");
  assert.equal(suggest("fromat", KNOWN), "format");
  assert.equal(suggest("redis-urls", KNOWN), "redisUrl");
  assert.equal(suggest("ab", ["ba"]), "ba");
});

Deno.test("suggest says nothing rather than something far away", () => {
  assert.equal(suggest("frobnicate", KNOWN), undefined);
  assert.equal(suggest("x", KNOWN), undefined);
  assert.equal(suggest("", KNOWN), undefined);
});
