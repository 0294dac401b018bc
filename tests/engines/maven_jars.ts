/** Java programs for tests, with jars that are fetched once per user. */
import { join } from "node:path";
import { cacheFolder } from "../../scripts/services/binary.ts";
import { runCommand } from "../../scripts/services/run_command.ts";
import { takeLock } from "../../scripts/services/take_lock.ts";

/** A class path with what a `pom.xml` depends on. */
export async function jarsOf(name: string, pom: string): Promise<string> {
  const folder = join(cacheFolder(), name);
  using _lock = await takeLock(join(folder, "lock"));
  const [jars, list] = [join(folder, "jars"), join(folder, "pom.xml")];
  const wanted = await Deno.readTextFile(pom);
  if (await Deno.readTextFile(list).catch(() => "") !== wanted) {
    await Deno.remove(jars, { recursive: true }).catch(() => {});
    const goal = ["dependency:copy-dependencies", `-DoutputDirectory=${jars}`];
    await runCommand("mvn", ["--batch-mode", "--quiet", "--file", pom, ...goal])
      .catch((cause) => {
        throw new Error("Install Java 17 and Maven: engines that read tables need them", { cause });
      });
    await Deno.writeTextFile(list, wanted);
  }
  return join(jars, "*");
}
