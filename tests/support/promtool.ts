/** Prometheus' own checker: from `PROMTOOL_BIN`, from the path, or out of Debian's package, which is not installed. */
export async function withPromtool<T>(
  use: (promtool: (...args: string[]) => Promise<string>) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "tributary-promtool-" });
  try {
    const path = await findPromtool(folder);
    return await use(async (...args) => {
      const result = await output(path, args);
      if (result === undefined) throw new Error(`Cannot run ${path}`);
      if (!result.ok) throw new Error(`promtool ${args.join(" ")}:\n${result.text}`);
      return result.text;
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function findPromtool(folder: string): Promise<string> {
  const named = Deno.env.get("PROMTOOL_BIN");
  if (named) return named;
  if ((await output("promtool", ["--version"]))?.ok) return "promtool";
  const unpack = "apt-get download -q prometheus && dpkg-deb -x prometheus_*.deb .";
  await output("sh", ["-c", `${unpack} || (apt-get update -q && ${unpack})`], folder);
  const unpacked = `${folder}/usr/bin/promtool`;
  if ((await output(unpacked, ["--version"]))?.ok) return unpacked;
  throw new Error("This test needs promtool: install Prometheus, or set PROMTOOL_BIN to its path");
}

/** Undefined where the program is not there. */
async function output(
  path: string,
  args: string[],
  cwd?: string,
): Promise<{ readonly ok: boolean; readonly text: string } | undefined> {
  const command = new Deno.Command(path, { args, ...(cwd === undefined ? {} : { cwd }) });
  try {
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { ok: success, text: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
