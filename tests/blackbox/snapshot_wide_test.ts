/** Snapshots of everything that people have: stages, partitions, patterns, deployments, formats, types. */
import assert from "node:assert/strict";
import { queryLake } from "../support/lake.ts";
import { COMPLETE_MS_MAX, snapshotPlace } from "./snapshot_place.ts";

const DOCUMENTS = 2_000;
const SECRET = "hush-hush-7f3a";
const STAGES = `
  - $match: { operationType: { $in: [insert, update, delete] }, "fullDocument.kind": { $ne: test } }
  - $project: { "fullDocument.note": 0 }`;

Deno.test("documents of before pass the stages of the pipeline as inserts do, and REDACT", async () => {
  await using at = await snapshotPlace({
    ...{ MONGODB_COLLECTIONS: "orders", REDACT: "secret", FULL_DOCUMENT: "required" },
    BATCH_SIZE: "300",
  }, STAGES);
  await at.db.createCollection("orders", { changeStreamPreAndPostImages: { enabled: true } });
  const orders = at.db.collection("orders");
  await orders.insertMany(Array.from({ length: DOCUMENTS }, (_, n) => ({
    ...{ _id: n, kind: n % 4 === 0 ? "test" : "real", note: "left out", secret: SECRET },
  })) as never);
  await using program = at.start();
  await program.line(/snapshot is complete/, COMPLETE_MS_MAX);
  await orders.insertOne(
    { _id: DOCUMENTS, kind: "real", note: "left out", secret: SECRET } as never,
  );
  await program.line(/Batch stored(?!.*snapshot:)/, COMPLETE_MS_MAX);
  await at.finish(program);
  const rows = (await queryLake(at.lake, "SELECT operation, document_key, full_document FROM lake"))
    .map(({ operation, document_key, full_document }) => ({
      ...{ operation, id: JSON.parse(String(document_key))._id },
      document: JSON.parse(String(full_document)),
    }));
  const expected = Array.from({ length: DOCUMENTS + 1 }, (_, n) => n).filter((n) => n % 4 !== 0);
  expected.push(DOCUMENTS);
  const ids = rows.map(({ id }) => id).sort((a, b) => a - b);
  assert.deepEqual(ids, expected);
  const snapshots = rows.filter(({ operation }) => operation === "snapshot");
  assert.equal(snapshots.length, expected.length - 1);
  for (const { document } of rows) assert.deepEqual(Object.keys(document), ["_id", "kind"]);
});
