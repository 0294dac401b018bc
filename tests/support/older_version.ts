/** The program as it was before records had a second version, from this repository's own history. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The last commit that knows record format 1 only. */
export const BEFORE_VERSION_2 = "dfa5d6b92c";

/** The last commit that knows record format 2 only: no stream is read by namespace. */
export const BEFORE_VERSION_3 = "bb5036242d";

/** The last commit that knows nothing of rows made of dead letters, and whose `verify` lists the lake. */
export const BEFORE_REDRIVES = "137c63ed64";

/** The last commit whose journals lie in the destination and nowhere else. */
export const BEFORE_JOURNAL = "9b1825ee74";

/** A commit with snapshots and tables of Delta Lake, and without `KEY_STRATEGY=hive-plain`. */
export const BEFORE_PLAIN_NAMES = "b3d722bcc3";

/** The last commit whose copies do not tell each other what is paused. */
export const BEFORE_PAUSES_TOLD = "9fb9a4685b";

/** Writes its sources into a folder; answers the path of a script that runs them as the executable would run. */
export async function extractOlderVersion(
  folder: string,
  commit = BEFORE_VERSION_2,
): Promise<string> {
  const archive = join(folder, "source.tar");
  await run("git", [
    "-C",
    ROOT,
    "archive",
    "--output",
    archive,
    commit,
    "main.ts",
    "src",
    "deno.json",
    "deno.lock",
  ]);
  await run("tar", ["-xf", archive, "-C", folder]);
  // It has packages that this version has no more; where it runs, nothing may be there to get them with.
  await run(Deno.execPath(), ["cache", "--config", `${folder}/deno.json`, `${folder}/main.ts`]);
  const script = join(folder, "tributary");
  const flags = `-A --no-check --config '${folder}/deno.json' --unstable-worker-options`;
  // The packages lie where this version has its own.
  const caches = ["DENO_DIR", "XDG_CACHE_HOME"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [`export ${name}='${value}'\n`];
  });
  const start = `exec '${Deno.execPath()}' run ${flags} '${folder}/main.ts' "$@"`;
  const text = `#!/bin/sh\n${caches.join("")}${start}\n`;
  await Deno.writeTextFile(script, text, { mode: 0o755 });
  return script;
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim();
  throw new Error(
    `Cannot make a version before run (${command} ${
      args.join(" ")
    }) out of the history of ${ROOT}: ${said}; ` +
      "the test needs a clone with its whole history",
  );
}
