/**
 * Gets the tools that tests judge by before they ask for them: the slow ones beside each other. As a program, for
 * `deno task test`. What cannot be had is no failure here: the test that needs it says so.
 */
import { findBinary } from "../../scripts/services/binary.ts";
import { deltaExtension } from "../../scripts/services/delta_extension.ts";
import { AMTOOL } from "./amtool.ts";
import { CHROMIUM } from "./chromium.ts";
import { findDebianProgram } from "./debian_program.ts";
import { HELM, KUSTOMIZE, pythonWithSchemas } from "./kubernetes_tools.ts";
import { PROMTOOL } from "./promtool.ts";
import { pythonWithReaders } from "./python_readers.ts";
import { FISH, ZSH } from "./shells.ts";
import { pythonWithDelta, pythonWithIceberg } from "./table_readers.ts";

type Get = () => Promise<unknown>;

const COMPILED: readonly Get[] = [() => findBinary(KUSTOMIZE), () => findBinary(HELM)];
const OF_PYTHON: readonly Get[] = [
  pythonWithDelta,
  pythonWithIceberg,
  pythonWithReaders,
  pythonWithSchemas,
  deltaExtension,
];
const OF_DEBIAN: readonly Get[] = [
  () => findDebianProgram(FISH),
  () => findDebianProgram(ZSH),
  () => findBinary(PROMTOOL),
  () => findBinary(AMTOOL),
  () => findDebianProgram(CHROMIUM),
];

async function inTurn(tools: readonly Get[]): Promise<void> {
  for (const get of tools) await get().catch(() => {});
}

if (import.meta.main) await Promise.all([COMPILED, OF_PYTHON, OF_DEBIAN].map(inTurn));
