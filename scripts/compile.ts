/**
 * Bundles the program and its encoder thread, and compiles them to one executable with no more permissions than it needs.
 *
 *     deno task compile [--target T] [--target-hosts a:1,b:2] [--output dist/tributary]
 *
 * `--target-hosts` bakes in the exact hosts the executable may talk to; without it, it may talk to any. `COMPILE_DENO`
 * names another Deno for the last step.
 */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { errorMessage } from "../src/model/errors.ts";
import { VERSION } from "../src/support/version.ts";
import { permissionFlags } from "./compile/permission_flags.ts";
import { thirdPartyNotices } from "./release/notices.ts";
import { shippedPackages } from "./release/shipped_packages.ts";
import { runCommand } from "./services/run_command.ts";

export interface CompileOptions {
  /** Where the executable goes. */
  readonly output: string;
  /** A target of `deno compile`; default this machine's. */
  readonly target?: string;
  /** `host:port`s; default any. */
  readonly hosts?: readonly string[];
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * What every way of running the bundle is given, beside the permissions. A small young generation is collected often, and
 * with it the large buffers that hang on young objects: 30 MB less at the peak for no measurable time.
 */
const RUN_FLAGS = [
  // Else compiled code would be kept in, and read from, a file of the temporary folder that others may have put there.
  "--no-code-cache",
  "--no-prompt",
  "--unstable-worker-options",
  "--v8-flags=--max-semi-space-size=2,--expose-gc",
];

/** Bundles and compiles. Throws with the compiler's message where it fails, as where it cannot get its base binary. */
export async function compile(options: CompileOptions): Promise<void> {
  const bundle = await bundleProgram(options.output);
  await runCommand(Deno.env.get("COMPILE_DENO") || Deno.execPath(), [
    ...["compile", "--quiet", "--no-config", "--no-check", ...RUN_FLAGS],
    ...await permissionFlags(join(ROOT, "deno.json"), options.hosts),
    ...(options.target === undefined ? [] : ["--target", options.target]),
    ...["--include", bundle.worker, "--include", bundle.notices],
    ...["--output", options.output, bundle.main],
  ]);
}

/** Whether `compile` failed because the binary that every executable starts from could not be downloaded. */
export function lacksBaseBinary(error: unknown): boolean {
  return Deno.env.get("COMPILE_DENO") === undefined && /denort/.test(errorMessage(error));
}

/** Bundles, and writes a shell script that runs the bundle through the current Deno with the permissions of the executable. */
export async function compileToScript(options: CompileOptions): Promise<void> {
  const bundle = await bundleProgram(options.output);
  const flags = await permissionFlags(join(ROOT, "deno.json"), options.hosts);
  const command = [Deno.execPath(), "run", "--quiet", "--no-config", ...RUN_FLAGS, ...flags];
  const words = [...command, bundle.main].map((word) => `'${word}'`).join(" ");
  await Deno.writeTextFile(options.output, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
}

/**
 * Bundles beside the output. The encoder's bundle lies beside the program's, where `src/encode` looks for it when it is not
 * run from source.
 */
async function bundleProgram(output: string): Promise<Bundle> {
  const folder = `${resolve(output)}.bundle`;
  // Chunks of an older bundle would be compiled in.
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  const main = join(folder, "main.js");
  const worker = join(folder, "encode_worker.js");
  const bundle = ["bundle", "--quiet", "--config", join(ROOT, "deno.json"), "--platform", "deno"];
  // In chunks: help and version then load a small part of the program.
  const chunks = ["--code-splitting", "--outdir", folder];
  await runCommand(Deno.execPath(), [...bundle, ...chunks, join(ROOT, "main.ts")]);
  const workerSource = join(ROOT, "src/encode/worker/encode_worker.ts");
  await runCommand(Deno.execPath(), [...bundle, "--output", worker, workerSource]);
  await Deno.mkdir(dirname(resolve(output)), { recursive: true });
  await Deno.remove(output).catch(() => {});
  const notices = join(folder, "third_party_notices.txt");
  const facts = { version: VERSION, deno: Deno.version.deno };
  await Deno.writeTextFile(notices, thirdPartyNotices(await shippedPackages(ROOT), facts));
  return { main, worker, notices };
}

/** Paths of what goes into the executable. */
interface Bundle {
  readonly main: string;
  readonly worker: string;
  /** The licences of what is in it, for `version --licenses`. */
  readonly notices: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      "output": { type: "string", default: join(ROOT, "dist", "tributary") },
      "target": { type: "string" },
      "target-hosts": { type: "string" },
    },
  });
  const hosts = values["target-hosts"]?.split(",").map((host) => host.trim());
  await compile({
    output: values.output,
    ...(values.target === undefined ? {} : { target: values.target }),
    ...(hosts === undefined ? {} : { hosts }),
  });
  const { size } = await Deno.stat(values.output);
  console.log(`${values.output}: ${(size / 1024 ** 2).toFixed(1)} MiB`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(errorMessage(error));
    Deno.exit(1);
  }
}
