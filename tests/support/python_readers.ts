/** Reads objects back with pyarrow and fastavro, in a Python environment of their own that is made once per user. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../../scripts/services/binary.ts";
import type { TextRow } from "./duckdb_reader.ts";

const PACKAGES = [
  "pyarrow==26.0.1",
  "fastavro==1.13.1",
  "backports.zstd==1.8.0",
  "cramjam==2.14.0",
];
const SCRIPT = fileURLToPath(new URL("./python_readers.py", import.meta.url));

/** All rows of the file, in its order: Parquet by pyarrow, Avro by fastavro. */
export async function readWithPython(path: string, format: "parquet" | "avro"): Promise<TextRow[]> {
  return JSON.parse(await run(await pythonWithReaders(), [SCRIPT, format, path]));
}

/** The interpreter of an environment that has the readers. Processes that start together wait for one to make it. */
async function pythonWithReaders(): Promise<string> {
  const folder = join(cacheFolder(), "python-readers");
  await Deno.mkdir(folder, { recursive: true });
  using lock = await Deno.open(join(folder, "lock"), { create: true, write: true });
  await lock.lock(true);
  const python = join(folder, "venv", "bin", "python");
  const list = join(folder, "installed");
  const wanted = PACKAGES.join("\n");
  if (await readIfThere(list) === wanted) return python;
  await createEnvironment(join(folder, "venv"));
  await run(python, ["-m", "pip", "install", "--quiet", ...PACKAGES]);
  await Deno.writeTextFile(list, wanted);
  return python;
}

async function createEnvironment(folder: string): Promise<void> {
  try {
    await run("python3", ["-m", "venv", "--clear", folder]);
  } catch (cause) {
    throw new Error(
      "Install Python 3 with its venv module: Parquet and Avro are read back with it",
      {
        cause,
      },
    );
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const child = new Deno.Command(command, { args: [...args], stdin: "null" });
  const { success, stdout, stderr } = await child.output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`Cannot run ${command} ${args[0]}: ${new TextDecoder().decode(stderr).trim()}`);
}
