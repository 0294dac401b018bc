import assert from "node:assert/strict";
import { createMongoDocuments } from "../../../../../src/source/mongo/documents/mongo_documents.ts";
import { SETTINGS } from "../../../../support/lake_world.ts";
import { fakeClient } from "../../fake_client.ts";

Deno.test("opening asks nothing of the server before the first documents are wanted", async () => {
  const { client, sent } = fakeClient(() => ({}));
  const piece = { database: "shop", collection: "orders", uuid: "0".repeat(32) };
  const request = { piece, suffix: "0".repeat(12), row: 0, settings: SETTINGS };
  const cursor = await createMongoDocuments(client).open(request, new AbortController().signal);
  await cursor.close();
  assert.deepEqual(sent, []);
});
