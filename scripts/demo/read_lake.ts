import { DuckDBInstance } from "@duckdb/node-api";

/** What DuckDB finds in a lake. */
export interface LakeReading {
  readonly objects: number;
  /** The path of one of them. */
  readonly example: string;
  readonly rows: number;
  readonly tokens: number;
  readonly byOperation: Readonly<Record<string, number>>;
  /** The rows of `QUESTION`, as texts. */
  readonly answer: readonly (readonly string[])[];
}

/** A question that MongoDB itself cannot answer any more: the documents are gone. */
export const QUESTION = `WITH placed AS (
  SELECT document_key, full_document->>'$.symbol' AS symbol, wall_time
  FROM lake WHERE operation = 'insert'
), gone AS (
  SELECT document_key, wall_time FROM lake WHERE operation = 'delete'
)
SELECT symbol, count(*) AS placed, count(gone.wall_time) AS gone,
  median(date_diff('millisecond', placed.wall_time, gone.wall_time))
    AS median_life_ms
FROM placed LEFT JOIN gone USING (document_key)
GROUP BY symbol ORDER BY median_life_ms`;

export const ANSWER_COLUMNS = ["symbol", "placed", "gone", "median_life_ms"];

/** Reads all Parquet objects below a folder with DuckDB, which shares no code with what wrote them. */
export async function readLake(folder: string): Promise<LakeReading> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const query = async (sql: string) =>
    (await connection.runAndReadAll(sql)).getRowsJS().map((row) => row.map(String));
  try {
    const files = `${folder.replaceAll("'", "''")}/**/*.parquet`;
    await connection.run(`CREATE VIEW lake AS SELECT * FROM read_parquet('${files}')`);
    const [totals] = await query("SELECT count(*), count(DISTINCT resume_token) FROM lake");
    const [names] = await query(
      `SELECT count(DISTINCT filename), min(filename) FROM read_parquet('${files}', filename = true)`,
    );
    const operations = await query("SELECT operation, count(*) FROM lake GROUP BY operation");
    return {
      objects: Number(names![0]),
      example: names![1]!,
      rows: Number(totals![0]),
      tokens: Number(totals![1]),
      byOperation: Object.fromEntries(operations.map(([name, rows]) => [name, Number(rows)])),
      answer: await query(QUESTION),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
