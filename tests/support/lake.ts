/** A lake as an analyst sees it: its objects in a folder, read by DuckDB, which shares no code with what wrote them. */
import { DuckDBInstance } from "@duckdb/node-api";
import { dirname, join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { s3TestOptions } from "./s3_bucket.ts";

/** What is in the lake, over all objects. */
export interface LakeCounts {
  readonly rows: number;
  readonly distinctTokens: number;
  /** Distinct values of `n` in inserted documents, and rows of inserts, by collection. */
  readonly inserts: ReadonlyMap<string, { readonly rows: number; readonly distinct: number }>;
}

/** Copies all objects below a prefix into a folder. */
export async function downloadLake(bucket: string, prefix: string, folder: string): Promise<void> {
  const client = new S3Client(s3TestOptions());
  try {
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
      );
      for (const { Key: key } of page.Contents ?? []) {
        const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key! }));
        const path = join(folder, key!.slice(prefix.length));
        await Deno.mkdir(dirname(path), { recursive: true });
        await Deno.writeFile(path, await object.Body!.transformToByteArray());
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  } finally {
    client.destroy();
  }
}

/**
 * How many rows the journals of a lake name so far. Records never change, so each is fetched once.
 */
export function createRowCounter(bucket: string, prefix: string): () => Promise<number> {
  const rowsOf = new Map<string, number>();
  return async () => {
    const client = new S3Client(s3TestOptions());
    try {
      let startAfter: string | undefined;
      for (;;) {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: `${prefix}_tributary/streams/`,
            StartAfter: startAfter,
          }),
        );
        for (const { Key: key } of page.Contents ?? []) {
          if (rowsOf.has(key!)) continue;
          const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key! }));
          rowsOf.set(key!, rowsOfRecord(await object.Body!.transformToString()));
        }
        startAfter = page.Contents?.at(-1)?.Key;
        if (!page.IsTruncated) break;
      }
    } finally {
      client.destroy();
    }
    return [...rowsOf.values()].reduce((sum, rows) => sum + rows, 0);
  };
}

function rowsOfRecord(text: string): number {
  const { objects } = JSON.parse(text) as { objects?: { rows: number }[] };
  return Array.isArray(objects) ? objects.reduce((sum, { rows }) => sum + rows, 0) : 0;
}

/** Runs a query whose `lake` is a table of all Parquet objects below the folder. */
export async function queryLake(
  folder: string,
  sql: string,
): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await connection.run(
      `CREATE VIEW lake AS SELECT * FROM read_parquet('${folder}/**/*.parquet', hive_partitioning = false)`,
    );
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJS() as Record<string, unknown>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Counts what an exactly-once judgement needs. */
export async function countLake(folder: string): Promise<LakeCounts> {
  const [totals] = await queryLake(
    folder,
    "SELECT count(*) AS total, count(DISTINCT resume_token) AS tokens FROM lake",
  );
  const inserts = await queryLake(
    folder,
    `SELECT collection, count(*) AS total, count(DISTINCT json_extract_string(full_document, '$.n')) AS n
     FROM lake WHERE operation = 'insert' GROUP BY collection`,
  );
  return {
    rows: Number(totals!["total"]),
    distinctTokens: Number(totals!["tokens"]),
    inserts: new Map(inserts.map((row) => [
      String(row["collection"]),
      { rows: Number(row["total"]), distinct: Number(row["n"]) },
    ])),
  };
}
