/** Environments of Python with packages of their own, each made once per user. */
import { join } from "node:path";
import { cacheFolder } from "../../scripts/services/binary.ts";
import { runCommand } from "../../scripts/services/run_command.ts";
import { takeLock } from "../../scripts/services/take_lock.ts";

/** The interpreter of an environment that has the packages. Processes that start together wait for one to make it. */
export async function pythonWith(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(cacheFolder(), name);
  using _lock = await takeLock(join(folder, "lock"));
  const python = join(folder, "venv", "bin", "python");
  const list = join(folder, "installed");
  const wanted = packages.join("\n");
  if (await readIfThere(list) === wanted) return python;
  await createEnvironment(join(folder, "venv"));
  await runCommand(python, ["-m", "pip", "install", "--quiet", ...packages]);
  await Deno.writeTextFile(list, wanted);
  return python;
}

async function createEnvironment(folder: string): Promise<void> {
  try {
    await runCommand("python3", ["-m", "venv", "--clear", folder]);
  } catch (cause) {
    throw new Error("Install Python 3 with its venv module: some tests judge by its packages", {
      cause,
    });
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
