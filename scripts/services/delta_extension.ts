import { join } from "node:path";
import { cacheFolder } from "./binary.ts";
import { takeLock } from "./take_lock.ts";
import { fileOfWheel } from "./wheel.ts";

/** That of the DuckDB in deno.json: an extension is of one version. */
const VERSION = "1.5.4";
const WHEEL = `duckdb-extension-delta==${VERSION}`;

/** The file of DuckDB's extension for Delta tables, from a Python wheel: in the user's cache, else downloaded now. */
export async function deltaExtension(): Promise<string> {
  const folder = join(cacheFolder(), "duckdb", VERSION);
  const file = join(folder, "delta.duckdb_extension");
  using _lock = await takeLock(`${file}.lock`);
  if (await isThere(file)) return file;
  const scratch = await Deno.makeTempDir({ dir: folder });
  try {
    await Deno.rename(await fileOfWheel(WHEEL, "/delta.duckdb_extension", scratch), file);
    return file;
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    return (await Deno.stat(file)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
