/** Reads objects back with pyarrow and fastavro. */
import { fileURLToPath } from "node:url";
import { runCommand } from "../../scripts/services/run_command.ts";
import { pythonWith } from "./python_environment.ts";
import type { TextRow } from "./duckdb_reader.ts";

const PACKAGES = [
  "pyarrow==26.0.1",
  "fastavro==1.13.1",
  "backports.zstd==1.8.0",
  "cramjam==2.14.0",
];
const SCRIPT = fileURLToPath(new URL("./python_readers.py", import.meta.url));

export function pythonWithReaders(): Promise<string> {
  return pythonWith("python-readers", PACKAGES);
}

/** All rows of the file, in its order: Parquet by pyarrow, Avro by fastavro. */
export async function readWithPython(path: string, format: "parquet" | "avro"): Promise<TextRow[]> {
  return JSON.parse(await runCommand(await pythonWithReaders(), [SCRIPT, format, path]));
}
