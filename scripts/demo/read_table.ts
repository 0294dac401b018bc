import { DuckDBInstance } from "@duckdb/node-api";
import { sqlText } from "../../src/cli/text/latest_state_sql.ts";
import { duckDbViews } from "../../src/cli/text/tables/delta_text.ts";
import { runInProcess } from "./program_in_process.ts";

/** What DuckDB finds in a table. */
export interface TableReading {
  readonly rows: number;
  /** Documents in the view of the latest state. */
  readonly documents: number;
}

/** Runs a command that ends by itself, such as `table build all`. */
export async function runToEnd(args: readonly string[]): Promise<void> {
  const said: string[] = [];
  const code = await runInProcess(args, ({ message }) => void said.push(message)).code;
  if (code !== 0) throw new Error(`"tributary ${args.join(" ")}" failed: ${said.join("; ")}`);
}

/** Reads a Delta table with DuckDB's own extension, from a file or from where DuckDB gets it, and by the views that `tributary table show` prints. */
export async function readTable(
  extension: string | undefined,
  collection: string,
  address: string,
): Promise<TableReading> {
  const instance = await DuckDBInstance.create(":memory:", { allow_unsigned_extensions: "true" });
  const connection = await instance.connect();
  const count = async (of: string) => {
    const [row] = (await connection.runAndReadAll(`SELECT count(*) FROM ${of}`)).getRowsJS();
    return Number(row![0]);
  };
  try {
    const load = extension === undefined
      ? "INSTALL delta; LOAD delta"
      : `LOAD ${sqlText(extension)}`;
    await connection.run(load);
    await connection.run(duckDbViews(collection, address));
    return {
      rows: await count(`${collection}_events`),
      documents: await count(`${collection}_now`),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
