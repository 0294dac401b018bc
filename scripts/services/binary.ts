import { delimiter, join } from "node:path";
import { tmpdir } from "node:os";
import { errorMessage } from "../../src/model/errors.ts";
import { takeLock } from "./take_lock.ts";

const DEFAULT_PROBE: readonly string[] = ["--version"];

/** A program that is not ours: how it is called and how it is installed. */
export interface Binary {
  readonly name: string;
  /** The environment variable that names the file to use. */
  readonly variable: string;
  /** What shows that it runs. Default `--version`. */
  readonly probe?: readonly string[];
  /**
   * Installs the program: answers a file that is to be moved into the cache, or the path of one that stays where it is.
   * `scratch` is a folder that is removed afterwards.
   */
  install(scratch: string): Promise<Installed>;
  /** What a person does where `install` fails: "install ..., or ...". */
  readonly advice: string;
}

export type Installed = { readonly move: string } | { readonly keep: string };

/**
 * The path of a program that runs: from its environment variable, else `PATH`, else the user's cache, else installed
 * now. Throws one sentence that says what to install where it cannot be had.
 */
export async function findBinary(binary: Binary): Promise<string> {
  const { probe = DEFAULT_PROBE } = binary;
  const named = Deno.env.get(binary.variable);
  if (named !== undefined && named !== "") {
    if (await runs(named, probe)) return named;
    throw new Error(
      `Cannot run ${binary.variable} "${named}": "${named} ${probe.join(" ")}" fails`,
    );
  }
  const onPath = await findOnPath(binary.name, probe);
  if (onPath !== undefined) return onPath;
  const cached = join(cacheFolder(), "bin", binary.name);
  return await runs(cached, probe) ? cached : await installOnce(binary, cached, probe);
}

/** The user's cache folder of this project; one in the system's temporary folder where the user has no home. */
export function cacheFolder(): string {
  const caches = Deno.env.get("XDG_CACHE_HOME");
  if (caches !== undefined && caches !== "") return join(caches, "tributary");
  const home = Deno.env.get("HOME");
  if (home !== undefined && home !== "") return join(home, ".cache", "tributary");
  return join(tmpdir(), `tributary-cache-${Deno.uid()}`);
}

/** The first program of this name on `PATH` that runs. */
export async function findOnPath(
  name: string,
  probe = DEFAULT_PROBE,
): Promise<string | undefined> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(delimiter)) {
    if (folder !== "" && await runs(join(folder, name), probe)) return join(folder, name);
  }
  return undefined;
}

async function runs(path: string, probe: readonly string[]): Promise<boolean> {
  try {
    const command = new Deno.Command(path, {
      args: [...probe],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    return (await command.output()).success;
  } catch {
    // Not there, not executable, or for another machine.
    return false;
  }
}

/** Installs under a lock. */
async function installOnce(
  binary: Binary,
  cached: string,
  probe: readonly string[],
): Promise<string> {
  using _lock = await takeLock(`${cached}.lock`);
  if (await runs(cached, probe)) return cached;
  const scratch = await Deno.makeTempDir({ dir: cacheFolder(), prefix: `${binary.name}-` });
  try {
    const installed = await binary.install(scratch);
    if ("keep" in installed) return installed.keep;
    await Deno.chmod(installed.move, 0o755);
    if (!await runs(installed.move, probe)) {
      throw new Error(`"${installed.move} ${probe.join(" ")}" fails`);
    }
    await Deno.rename(installed.move, cached);
    return cached;
  } catch (error) {
    throw new Error(
      `Cannot get ${binary.name}: ${binary.advice}, or name the file in ${binary.variable} ` +
        `(${errorMessage(error)})`,
      { cause: error },
    );
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
