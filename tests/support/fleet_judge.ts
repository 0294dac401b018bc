/** Whether a fleet's lake holds each acknowledged change once and each document's changes in order, by DuckDB. */
import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import type { FleetLake } from "./fleet_lake.ts";
import type { FleetWriter } from "./fleet_writer.ts";

/** All of it is 0 in a lake that is right. */
export interface Verdict {
  /** Acknowledged changes that are not there. */
  readonly lost: number;
  /** Rows whose change has a row already. */
  readonly doubled: number;
  /** Documents whose changes are not in the order in which they happened. */
  readonly disordered: number;
  /** Rows of changes that nobody made. */
  readonly strange: number;
}

export const RIGHT: Verdict = { lost: 0, doubled: 0, disordered: 0, strange: 0 };

export async function judgeLake(lake: FleetLake, writer: FleetWriter): Promise<Verdict> {
  const seen = await changesByDocument(await lake.folder());
  let [lost, doubled, disordered, strange] = [0, 0, 0, 0];
  for (const [collection, documents] of writer.updatesOf) {
    for (const [id, updates] of documents) {
      const counts = seen.get(`${collection}/${id}`) ?? [];
      seen.delete(`${collection}/${id}`);
      const distinct = new Set(counts);
      const expected = Array.from({ length: updates + 1 }, (_, count) => count);
      const there = expected.filter((count) => distinct.has(count)).length;
      lost += expected.length - there;
      doubled += counts.length - distinct.size;
      strange += distinct.size - there;
      if (counts.some((count, i) => i > 0 && count < counts[i - 1]!)) disordered++;
    }
  }
  for (const counts of seen.values()) strange += counts.length;
  return { lost, doubled, disordered, strange };
}

export async function assertRight(lake: FleetLake, writer: FleetWriter): Promise<void> {
  assert.deepEqual(await judgeLake(lake, writer), RIGHT);
}

/** What each format's objects are read with: name, where in the file the row stands. */
const SCANS: readonly { readonly extension: string; readonly scan: (glob: string) => string }[] = [
  {
    extension: "parquet",
    scan: (glob) =>
      `SELECT ${COLUMNS}, filename, file_row_number AS line FROM read_parquet('${glob}',
        hive_partitioning = false, filename = true, file_row_number = true)`,
  },
  {
    extension: "jsonl.gz",
    scan: (glob) =>
      `SELECT ${COLUMNS}, filename, row_number() OVER () AS line FROM read_json('${glob}',
        format = 'newline_delimited', hive_partitioning = false, filename = true, columns = {
        operation: 'VARCHAR', collection: 'VARCHAR', document_key: 'JSON', full_document: 'JSON',
        update_description: 'JSON', resume_token: 'VARCHAR'})`,
  },
];

const COLUMNS = ["operation", "collection", "document_key", "full_document", "update_description"]
  .map((name) => `${name}::VARCHAR AS ${name}`).join(", ");

/**
 * The counts of each document in the order in which they lie in the lake: by layout, record and row, as the objects' names
 * say, whatever their tokens.
 */
async function changesByDocument(folder: string): Promise<Map<string, number[]>> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await connection.run("SET threads = 1");
    const scans: string[] = [];
    for (const { extension, scan } of SCANS) {
      const glob = `${folder}/db=*/**/*.${extension}`;
      const [found] = (await connection.runAndReadAll(`SELECT count(*) AS n FROM glob('${glob}')`))
        .getRowObjectsJS();
      if (Number(found!["n"]) > 0) scans.push(scan(glob));
    }
    assert.notEqual(scans.length, 0, `there are objects in ${folder}`);
    const rows = await connection.runAndReadAll(
      `SELECT collection || '/' || coalesce(json_extract_string(document_key, '$._id'), '') AS id,
        list(CASE operation
          WHEN 'insert' THEN 0
          WHEN 'update' THEN json_extract(update_description, '$.updatedFields.count')::INTEGER
          ELSE -1 END ORDER BY ${PLACE}) AS counts
      FROM (${scans.join(" UNION ALL ")}) GROUP BY ALL`,
    );
    return new Map(
      rows.getRowObjectsJS().map((row) => {
        const { id, counts } = row as { id: string; counts: (number | null)[] };
        return [id, counts.map((count) => count ?? -1)];
      }),
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const PLACE = [
  `coalesce(try_cast(regexp_extract(filename, '\\.e(\\d+)\\.\\d+of\\d+-', 1) AS INTEGER), 0)`,
  `regexp_extract(filename, '-(\\d+)-(\\d+)\\.[a-z.]+$', 1)::BIGINT`,
  `regexp_extract(filename, '-(\\d+)-(\\d+)\\.[a-z.]+$', 2)::BIGINT`,
  "line",
].join(", ");
