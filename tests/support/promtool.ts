import { fileOfPackage } from "../../scripts/services/apt.ts";
import { type Binary, findBinary } from "../../scripts/services/binary.ts";

/** Out of Debian's package, which is not installed. */
export const PROMTOOL: Binary = {
  name: "promtool",
  variable: "PROMTOOL_BIN",
  advice: "install Prometheus",
  async install(scratch) {
    return { move: await fileOfPackage("prometheus", "usr/bin/promtool", scratch) };
  },
};

/** Prometheus' own checker. */
export async function withPromtool<T>(
  use: (promtool: (...args: string[]) => Promise<string>) => Promise<T>,
): Promise<T> {
  const path = await findBinary(PROMTOOL);
  return await use(async (...args) => {
    const { success, stdout, stderr } = await new Deno.Command(path, { args }).output();
    const decoder = new TextDecoder();
    const text = decoder.decode(stdout) + decoder.decode(stderr);
    if (!success) throw new Error(`promtool ${args.join(" ")}:\n${text}`);
    return text;
  });
}
