import { join } from "node:path";
import { cacheFolder, type Installed } from "./binary.ts";
import { runCommand } from "./run_command.ts";
import { takeLock } from "./take_lock.ts";

/** What only a debugger would read costs a fifth of the time. */
const FOR_NO_DEBUGGER = ["-ldflags=-s -w", "-gcflags=all=-dwarf=false"];

/** Compiles a pinned module's program with Go: `example.org/tool/cmd/tool@v1.2.3`. */
export async function goInstall(scratch: string, module: string): Promise<Installed> {
  const env = { ...await homeless(), GOBIN: scratch, CGO_ENABLED: "0" };
  // Go uses all cores by itself, and two at once would compile the same packages twice.
  using _lock = await takeLock(join(cacheFolder(), "go.lock"));
  await runCommand("go", ["install", "-modcacherw", ...FOR_NO_DEBUGGER, module], { env });
  const [path] = module.split("@");
  const name = path!.split("/").findLast((part) => !/^v\d+$/.test(part))!;
  return { move: join(scratch, name) };
}

/** Go wants to know where its caches are; without a home it does not. */
async function homeless(): Promise<Record<string, string>> {
  const folders = await runCommand("go", ["env", "GOPATH", "GOCACHE"]).catch(() => "");
  if (/^\/.+\n\/.+$/.test(folders)) return {};
  return { GOPATH: join(cacheFolder(), "go"), GOCACHE: join(cacheFolder(), "go-build") };
}
