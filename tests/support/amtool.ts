import { join } from "node:path";
import { type Binary, findBinary } from "../../scripts/services/binary.ts";
import { runCommand } from "../../scripts/services/run_command.ts";

const PACKAGE = "prometheus-alertmanager";

/** Out of Debian's package, which is not installed. */
const AMTOOL: Binary = {
  name: "amtool",
  variable: "AMTOOL_BIN",
  advice: "install Alertmanager",
  async install(scratch) {
    const unpack = `apt-get download -q ${PACKAGE} && dpkg-deb -x ${PACKAGE}_*.deb .`;
    const script = `cd "$0" && { ${unpack} || { apt-get update -q && ${unpack}; }; }`;
    await runCommand("sh", ["-c", script, scratch]);
    return { move: join(scratch, "usr/bin/amtool") };
  },
};

/** Alertmanager's own checker. Throws with what it says where it finds a fault. */
export async function amtool(...args: string[]): Promise<string> {
  return await runCommand(await findBinary(AMTOOL), args);
}
