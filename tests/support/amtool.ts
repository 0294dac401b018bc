import { fileOfPackage } from "../../scripts/services/apt.ts";
import { type Binary, findBinary } from "../../scripts/services/binary.ts";
import { runCommand } from "../../scripts/services/run_command.ts";

/** Out of Debian's package, which is not installed. */
export const AMTOOL: Binary = {
  name: "amtool",
  variable: "AMTOOL_BIN",
  advice: "install Alertmanager",
  async install(scratch) {
    return { move: await fileOfPackage("prometheus-alertmanager", "usr/bin/amtool", scratch) };
  },
};

/** Alertmanager's own checker. Throws with what it says where it finds a fault. */
export async function amtool(...args: string[]): Promise<string> {
  return await runCommand(await findBinary(AMTOOL), args);
}
