import assert from "node:assert/strict";
import { readObjectName } from "../../../src/model/object_name.ts";
import { streamKey } from "../../../src/model/stream.ts";
import { deadLetterKey, objectKey } from "../../../src/pipeline/record/object_key.ts";

const PARTS = { mark: "5f0c2a91", seq: 42, index: 7 };

Deno.test("readObjectName reads names in any folder", () => {
  for (const extension of ["parquet", "avro", "jsonl", "jsonl.gz", "csv", "csv.zst", "bson"]) {
    const name = readObjectName(`a/b=c/collection.shop.orders-5f0c2a91-42-7.${extension}`);
    assert.deepEqual(name, { streamKey: "collection.shop.orders", ...PARTS });
  }
});

Deno.test("readObjectName knows what was made of dead letters after all", () => {
  for (const extension of ["parquet", "csv.zst"]) {
    assert.deepEqual(
      readObjectName(`a/collection.shop.orders-5f0c2a91-42-7.redriven.${extension}`),
      { streamKey: "collection.shop.orders", ...PARTS, isRedriven: true },
    );
  }
});

Deno.test("readObjectName reads the names of every stream, whatever its collection is called", () => {
  const names = [
    "orders",
    "a-5f0c2a91-1-2",
    "-",
    "x-00000000-1-2-00000000",
    "ö".repeat(90),
    "a.b/c",
  ];
  const keys = names.flatMap((collection) => [
    streamKey({ level: "collection", database: "s-1", collection }),
    streamKey({
      level: "collection",
      database: "shop",
      collection,
      partition: { epoch: 2, index: 3, of: 4 },
    }),
  ]);
  const recordId = "5f0c2a91-0000-4000-8000-000000000000";
  for (const key of ["deployment", ...keys]) {
    const name = { streamKey: key, seq: 42, index: 7, recordId, extension: "parquet" };
    const rule = { template: "{db}/{coll}/", bucket: "none" } as const;
    const namespace = { database: "shop", collection: "a" };
    const expected = { streamKey: key, ...PARTS };
    assert.deepEqual(readObjectName(objectKey(rule, namespace, "", name)), expected);
    assert.deepEqual(readObjectName(deadLetterKey(name)), expected);
  }
});

Deno.test("readObjectName knows no files of other people", () => {
  for (
    const key of [
      "readme.txt",
      "part-00000-5f0c2a91-42-7.parquet",
      "collection.shop.orders.parquet",
      "collection.shop.orders-5f0c2a91-42.parquet",
      "collection.shop.orders-5F0C2A91-42-7.parquet",
      "collection.shop.orders-5f0c2a91-42-7.orc",
      "collection.shop.orders-5f0c2a91-42-7.redriven.bson",
      "collection.shop.orders-5f0c2a91-42-7.parquet.crc",
      "collection.shop.my orders-5f0c2a91-42-7.parquet",
      "deployments-5f0c2a91-42-7.parquet",
      "",
    ]
  ) assert.equal(readObjectName(key), undefined, key);
});
