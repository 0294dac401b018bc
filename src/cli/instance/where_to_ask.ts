import type { LakeConfig } from "../../config/config.ts";
import { formatFaults } from "../../config/read/fault.ts";
import { EXIT, type ExitCode, type VerbContext } from "../verb.ts";

/**
 * Who is asked about streams: the place where the instances meet, or one instance. `config` beside an instance is that of a
 * lake whose instance keeps its leases to itself; absent where no lake is named. `isFaulty`: the settings name one, and are
 * wrong, which was said.
 */
export type Where =
  | { readonly kind: "meeting"; readonly config: LakeConfig }
  | { readonly kind: "instance"; readonly config?: LakeConfig; readonly isFaulty?: boolean };

const BY_URL =
  "Where the instances of this lake are is not known. With --url one of them is asked, " +
  "whatever the file says.\n";

/**
 * With `--url` that instance; else where the instances meet, if the settings name such a place; else the instance on this
 * machine. Otherwise says what is wrong with the settings. Who only looks goes on then, with the instance here; an order
 * could go to another one than is meant, and there is none: gives what to end with.
 */
export function whereToAsk(context: VerbContext, purpose: "look" | "order"): Where | ExitCode {
  if (context.options.has("url")) return { kind: "instance" };
  const lake = context.loadLakeConfig();
  if (lake.ok) {
    const { config } = lake;
    return { kind: config.lock.kind === "memory" ? "instance" : "meeting", config };
  }
  // Who names no destination means the instance on this machine.
  if (lake.faults.every(({ setting }) => setting === "DESTINATION")) return { kind: "instance" };
  context.host.stderr.write(formatFaults(lake.faults));
  if (purpose === "look") return { kind: "instance", isFaulty: true };
  context.host.stderr.write(BY_URL);
  return EXIT.usage;
}
