/** Each compression that a connection string may ask for, with a real server. */
import assert from "node:assert/strict";
import { createMongoClient } from "../../src/source/mongo/client/mongo_client.ts";
import { mongodbUri } from "../support/services.ts";

for (const names of ["snappy", "snappy,zlib", "zstd", "zstd,snappy,zlib", "zlib", "none"]) {
  Deno.test(`compressors=${names} connects`, async () => {
    const client = createMongoClient({ uri: `${mongodbUri()}&compressors=${names}` });
    try {
      assert.equal((await client.db("admin").command({ ping: 1 }))["ok"], 1);
    } finally {
      await client.close();
    }
  });
}
