import assert from "node:assert/strict";
import { readObjectName } from "../../../src/model/object_name.ts";
import { streamKey } from "../../../src/model/stream.ts";

const PARTS = { lake: "5f0c2a91", seq: 42, index: 7 };

Deno.test("readObjectName reads names with and without the record's id, in any folder", () => {
  for (const extension of ["parquet", "avro", "jsonl", "jsonl.gz", "csv", "csv.zst", "bson"]) {
    const old = readObjectName(`a/b=c/collection.shop.orders-5f0c2a91-42-7.${extension}`);
    assert.deepEqual(old, { streamKey: "collection.shop.orders", ...PARTS });
    const name = readObjectName(`database.shop-5f0c2a91-42-7-12345678.${extension}`);
    assert.deepEqual(name, { streamKey: "database.shop", ...PARTS, id: "12345678" });
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
  for (const key of ["deployment", ...keys]) {
    const old = readObjectName(`f/${key}-5f0c2a91-42-7.parquet`);
    assert.deepEqual(old, { streamKey: key, ...PARTS });
    const name = readObjectName(`f/${key}-5f0c2a91-42-7-abcdef01.parquet`);
    assert.deepEqual(name, { streamKey: key, ...PARTS, id: "abcdef01" });
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
      "collection.shop.orders-5f0c2a91-42-7.parquet.crc",
      "collection.shop.my orders-5f0c2a91-42-7.parquet",
      "deployments-5f0c2a91-42-7.parquet",
      "",
    ]
  ) assert.equal(readObjectName(key), undefined, key);
});
