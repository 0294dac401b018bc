import { join } from "node:path";
import { cacheFolder } from "./binary.ts";
import { runCommand } from "./run_command.ts";
import { takeLock } from "./take_lock.ts";

/**
 * Runs apt-get, and again with new lists of packages where it fails: they may be old or missing. One at a time, as a second
 * one would be refused.
 */
export async function aptGet(args: readonly string[], cwd?: string): Promise<void> {
  using _lock = await takeLock(join(cacheFolder(), "apt.lock"));
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, ...(cwd === undefined ? {} : { cwd }) };
  try {
    await runCommand("apt-get", args, options);
  } catch {
    await runCommand("apt-get", ["update", "-q"], options);
    await runCommand("apt-get", args, options);
  }
}

/** Downloads a package of Debian and answers the path of one file of it, without installing anything. */
export async function fileOfPackage(
  name: string,
  member: string,
  scratch: string,
): Promise<string> {
  await aptGet(["download", "-q", name], scratch);
  const unpack = `dpkg-deb -x "$1"_*.deb .`;
  await runCommand("sh", ["-c", unpack, "sh", name], { cwd: scratch });
  return join(scratch, member);
}
