/** The state of documents as a lake tells it, by the rule and the query of the guide. */
import { BSON, type Document } from "mongodb";
import assert from "node:assert/strict";
import { queryLake } from "./lake.ts";
import { readPages } from "./docs/pages.ts";

/** Each document of the collection by the text of its `_id`, as the folder's objects tell it. */
async function latestState(
  folder: string,
  collection: string,
  lost?: { readonly database: string; readonly ends: string },
): Promise<Map<string, unknown>> {
  const page = readPages().find(({ path }) => path === "docs/querying.md")!;
  const wanted = lost === undefined ? "'snapshot'" : "read_json";
  const { database = "shop", ends = "" } = lost ?? {};
  const query = page.fences.find(({ text }) => text.includes(wanted) && text.includes("ranked"))!
    .text
    .replaceAll("'orders'", `'${collection}'`)
    .replaceAll("'shop'", `'${database}'`)
    .replace(/'s3:[^']*end.json'/, `'${ends}/*.end.json'`)
    .replace(/read_parquet\(.*\)/, "lake");
  const rows = await queryLake(folder, query);
  return new Map(rows.map(({ document_key, full_document }) => {
    return [idText(JSON.parse(String(document_key))), JSON.parse(String(full_document))];
  }));
}

function idText(key: { readonly _id: unknown }): string {
  return JSON.stringify(key._id);
}

/**
 * The lake tells of each document what the server has, and of no other. `lost`: where the ends of snapshots lie, which say what
 * history was lost of.
 */
export async function assertSameState(
  folder: string,
  collection: string,
  documents: readonly Document[],
  lost?: { readonly database: string; readonly ends: string },
): Promise<void> {
  const found = await latestState(folder, collection, lost);
  const expected = new Map(documents.map((document) => {
    const plain = JSON.parse(BSON.EJSON.stringify(document, { relaxed: true }));
    return [idText(plain), plain];
  }));
  for (const [id, document] of expected) {
    assert.deepEqual(found.get(id), document, `the state of ${id}`);
  }
  const others = [...found.keys()].filter((id) => !expected.has(id));
  assert.deepEqual(others, [], "there are no other documents");
}

/** Each of these documents has one snapshot row, and no token is there twice. */
export async function assertOneRowEach(
  folder: string,
  collection: string,
  ids: readonly unknown[],
): Promise<void> {
  const rows = await queryLake(
    folder,
    `SELECT document_key::VARCHAR AS key, count(*) AS rows FROM lake
     WHERE collection = '${collection}' AND operation = 'snapshot' GROUP BY document_key::VARCHAR`,
  );
  const counts = new Map(
    rows.map(({ key, rows }) => [idText(JSON.parse(String(key))), Number(rows)]),
  );
  const twice = [...counts].filter(([, count]) => count !== 1);
  assert.deepEqual(twice, [], "no document has two snapshot rows");
  const missing = ids.map((_id) => JSON.stringify(JSON.parse(BSON.EJSON.stringify({ _id }))._id))
    .filter((id) => !counts.has(id));
  assert.deepEqual(missing, [], "each document that stayed has a snapshot row");
  const [tokens] = await queryLake(
    folder,
    "SELECT count(*) - count(DISTINCT resume_token) AS doubled FROM lake",
  );
  assert.equal(Number(tokens!["doubled"]), 0, "no token is there twice");
}
