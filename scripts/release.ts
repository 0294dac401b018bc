/**
 * Makes everything that a release consists of, in one folder:
 *
 *     deno run -A scripts/release.ts [--target T]... [--output dist/release]
 *
 * - `tributary-VERSION-TARGET` for each target, default all of `TARGETS`. Another machine's base binary is downloaded by
 *   `deno compile`; where that cannot be, name the targets that can.
 * - `tributary-VERSION.cdx.json`: what is in it (CycloneDX).
 * - `THIRD_PARTY_NOTICES.txt`: the licences of what is in it.
 * - `tributary.1`: the manual page.
 * - `SHA256SUMS` of all of these.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { errorMessage } from "../src/model/errors.ts";
import { VERSION } from "../src/support/version.ts";
import { compile, lacksBaseBinary } from "./compile.ts";
import { checksums } from "./release/checksums.ts";
import { thirdPartyNotices } from "./release/notices.ts";
import { manPage } from "./release/man_page.ts";
import { sbom } from "./release/sbom.ts";
import { shippedPackages } from "./release/shipped_packages.ts";

/** What is built for: Linux with glibc to run on, macOS to develop on. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
];

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface ReleaseOptions {
  readonly targets: readonly string[];
  readonly output: string;
}

/** Answers the paths of all files made. */
export async function release({ targets, output }: ReleaseOptions): Promise<string[]> {
  const unknown = targets.filter((target) => !TARGETS.includes(target));
  if (unknown.length > 0) {
    throw new Error(`Cannot build for "${unknown.join(" ")}": there are ${TARGETS.join(", ")}`);
  }
  if (targets.length > 0 && Deno.env.get("COMPILE_DENO")) {
    throw new Error(
      "Cannot release what COMPILE_DENO builds: it is another Deno than the papers say",
    );
  }
  await Deno.mkdir(output, { recursive: true });
  const files = await writePapers(output);
  for (const target of targets) files.push(await build(output, target));
  const sums = join(output, "SHA256SUMS");
  await Deno.writeTextFile(sums, await checksums(files));
  return [...files, sums];
}

async function writePapers(output: string): Promise<string[]> {
  const packages = await shippedPackages(ROOT);
  const facts = { version: VERSION, deno: Deno.version.deno };
  const bill = join(output, `tributary-${VERSION}.cdx.json`);
  await Deno.writeTextFile(bill, JSON.stringify(sbom(packages, facts), null, 2) + "\n");
  const notices = join(output, "THIRD_PARTY_NOTICES.txt");
  await Deno.writeTextFile(notices, thirdPartyNotices(packages, facts));
  const manual = join(output, "tributary.1");
  await Deno.writeTextFile(manual, manPage({ version: VERSION }));
  return [bill, notices, manual];
}

async function build(folder: string, target: string): Promise<string> {
  const output = join(folder, `tributary-${VERSION}-${target}`);
  try {
    await compile({ output, target });
  } catch (error) {
    if (!lacksBaseBinary(error)) throw error;
    throw new Error(`Cannot build for ${target}: Deno's base binary for it cannot be downloaded`, {
      cause: error,
    });
  }
  await Deno.remove(`${output}.bundle`, { recursive: true });
  return output;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      "target": { type: "string", multiple: true, default: TARGETS },
      "output": { type: "string", default: join(ROOT, "dist", "release") },
    },
  });
  for (const file of await release({ targets: values.target, output: values.output })) {
    const { size } = await Deno.stat(file);
    console.log(`${file}: ${(size / 1024 ** 2).toFixed(1)} MiB`);
  }
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(errorMessage(error));
    Deno.exit(1);
  }
}
