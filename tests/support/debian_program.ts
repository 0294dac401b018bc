/** Programs of Debian that a test needs to judge ours. */
import { aptGet } from "../../scripts/services/apt.ts";

export interface DebianProgram {
  /** What it may be called; the first that runs is taken. */
  readonly names: readonly string[];
  /** The environment variable that names another file. */
  readonly variable: string;
  /** What Debian calls the package. */
  readonly package: string;
}

/** The program's name or path: from its variable, from `PATH`, or, where we may, from Debian. */
export async function findDebianProgram(program: DebianProgram): Promise<string> {
  const named = Deno.env.get(program.variable);
  if (named) return named;
  const found = await firstThatRuns(program.names);
  if (found !== undefined) return found;
  const install = ["install", "--yes", "-q", "--no-install-recommends", program.package];
  await aptGet(install).catch(() => {}); // Whether it helped shows below.
  const installed = await firstThatRuns(program.names);
  if (installed !== undefined) return installed;
  throw new Error(
    `This test needs ${program.package}: install it, or set ${program.variable} to its path`,
  );
}

async function firstThatRuns(names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const command = new Deno.Command(name, {
      args: ["--version"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    try {
      // Some know no such flag; that they could be started is enough. One that is not there may fail at once.
      await command.output();
      return name;
    } catch {
      continue;
    }
  }
  return undefined;
}
