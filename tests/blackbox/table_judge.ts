import assert from "node:assert/strict";
import { runProgram } from "../support/program.ts";
import { queryTable, TABLE_READERS } from "../support/table_readers.ts";

type Env = Readonly<Record<string, string>>;

const EARLY = {
  delta: "TIMESTAMP '2020-01-01'",
  iceberg: "TIMESTAMPTZ '2020-01-01'",
};

/** What each engine says of a table: all rows once, and those whose times are asked for. */
export async function assertRead(
  format: keyof typeof TABLE_READERS,
  address: string,
  rows: number,
): Promise<void> {
  for (const reader of TABLE_READERS[format]) {
    const counts = "SELECT count(*) AS rows, count(DISTINCT resume_token) AS tokens FROM t";
    assert.deepEqual(await queryTable(reader, address, counts), [{ rows, tokens: rows }], reader);
    const earlier = `SELECT count(*) AS rows FROM t WHERE cluster_time < ${EARLY[format]}`;
    assert.deepEqual(await queryTable(reader, address, earlier), [{ rows: 0 }], reader);
  }
}

export interface ShownTable {
  readonly rows?: number;
  readonly url?: string;
}

/** What `table show` says of the tables of a collection; nothing while it fails. */
export async function tablesShown(env: Env, name: string): Promise<readonly ShownTable[]> {
  const { code, stdout } = await runProgram(["table", "show", name, "--json"], { env });
  return code === 0 ? JSON.parse(stdout) : [];
}

/** What `table show` prints for DuckDB. */
export async function sqlShown(env: Env, name: string): Promise<string> {
  const { stdout } = await runProgram(["table", "show", name], { env });
  return /-- DuckDB\n[^\n]*\n([^]*?)\n\n--/.exec(stdout)?.[1] ?? assert.fail(stdout);
}
