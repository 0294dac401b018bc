import { parseTime } from "../config/resolve/start_from.ts";
import type { VerbContext } from "./verb.ts";

/** `--since TIME` in seconds since 1970, nothing where it is left out; undefined, with a word on standard error, where it is no time. */
export function sinceOrExplain(
  { host, options }: Pick<VerbContext, "host" | "options">,
): { readonly sinceSeconds?: number } | undefined {
  const since = options.get("since");
  if (since === undefined) return {};
  const sinceSeconds = typeof since === "string" ? parseTime(since) : undefined;
  if (sinceSeconds !== undefined) return { sinceSeconds };
  host.stderr.write(
    `tributary: --since "${since}" is no time; write 2026-11-20 or 2026-11-20T17:00:00Z\n`,
  );
  return undefined;
}
