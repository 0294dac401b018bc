import { destinationUrl } from "../../config/resolve/destination_target.ts";
import type { DestinationTarget } from "../../config/config.ts";

/**
 * Why a lake shows nothing, and what to do. `journal`: where its journal should be. `name`: the stream or collection that
 * was looked for; `listVerb`: the verb that lists those that are there.
 */
export function nothingFound(
  journal: DestinationTarget,
  name: string | undefined,
  listVerb: string,
): string {
  const url = destinationUrl(journal);
  return name === undefined
    // A lake without a journal is a mistyped address more often than an empty lake.
    ? `tributary: There is no journal below ${url}/_tributary/: nothing was streamed there, or the ` +
      "bucket or prefix is another one\n"
    : `tributary: There is no ${name} below ${url}; \`${listVerb}\` lists those that are there\n`;
}
