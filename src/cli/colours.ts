import type { Host } from "./host.ts";

/** Whether texts on this output are coloured: on a terminal that can, unless NO_COLOR says no or FORCE_COLOR says what else. */
export function wantsColours(
  { isTerminal }: { readonly isTerminal: boolean },
  { env }: Pick<Host, "env">,
): boolean {
  const forced = env("FORCE_COLOR") ?? "";
  if (forced !== "") return forced !== "0" && forced !== "false";
  return isTerminal && (env("NO_COLOR") ?? "") === "" && env("TERM") !== "dumb";
}
