/**
 * Writes the manual page:
 *
 *     deno task man [--output dist/man/tributary.1]
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { VERSION } from "../src/support/version.ts";
import { manPage } from "./release/man_page.ts";

const DEFAULT_OUTPUT = fileURLToPath(new URL("../dist/man/tributary.1", import.meta.url));

const { values } = parseArgs({
  args: Deno.args,
  options: { output: { type: "string", default: DEFAULT_OUTPUT } },
});
await Deno.mkdir(dirname(values.output), { recursive: true });
await Deno.writeTextFile(values.output, manPage({ version: VERSION }));
console.log(values.output);
