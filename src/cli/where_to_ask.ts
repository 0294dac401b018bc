import type { LakeConfig } from "../config/config.ts";
import { formatFaults } from "../config/fault.ts";
import { EXIT, type ExitCode, type VerbContext } from "./verb.ts";

/**
 * Who is asked about streams: the place where the instances meet, or one instance. `config` beside an instance is that of a
 * lake whose instance keeps its leases to itself; absent where no lake is named.
 */
export type Where =
  | { readonly kind: "meeting"; readonly config: LakeConfig }
  | { readonly kind: "instance"; readonly config?: LakeConfig };

/**
 * With `--url` that instance; else where the instances meet, if the settings name such a place; else the instance on this
 * machine. Otherwise says what is wrong with the settings, and gives what to end with.
 */
export function whereToAsk(context: VerbContext): Where | ExitCode {
  if (context.options.has("url")) return { kind: "instance" };
  const lake = context.loadLakeConfig();
  if (lake.ok) {
    const { config } = lake;
    return { kind: config.lock.kind === "memory" ? "instance" : "meeting", config };
  }
  // Who names no destination means the instance on this machine.
  if (lake.faults.every(({ setting }) => setting === "DESTINATION")) return { kind: "instance" };
  context.host.stderr.write(formatFaults(lake.faults));
  return EXIT.usage;
}
