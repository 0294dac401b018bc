import { PermanentError } from "../model/errors.ts";
import { openDirectory } from "./directory/directory.ts";
import { MemoryDestination } from "./memory_destination.ts";
import { NullDestination } from "./null_destination.ts";
import type { DestinationOptions, DestinationTools, OpenDestination } from "./open_destination.ts";
import { openS3 } from "./s3/s3.ts";

type Open = (
  url: string,
  options: DestinationOptions,
  tools: DestinationTools,
) => Promise<OpenDestination>;

/** How each kind of destination is opened, by the scheme of its URL. */
const DESTINATIONS: Readonly<Record<string, Open>> = {
  s3: (url, options, tools) => Promise.resolve(openS3(url, options, tools)),
  file: (url, _options, tools) => openDirectory(url, tools),
  memory: () => Promise.resolve(new MemoryDestination()),
  null: () => Promise.resolve(new NullDestination()),
};

/**
 * Opens the destination that a URL names: `s3://bucket/prefix`, `file:///dir`, `memory:` or `null:`.
 *
 * @throws {PermanentError} if the URL names none.
 */
export async function openDestination(
  url: string,
  options: DestinationOptions,
  tools: DestinationTools,
): Promise<OpenDestination> {
  const scheme = /^([a-z0-9]+):/.exec(url)?.[1] ?? "";
  const open = Object.hasOwn(DESTINATIONS, scheme) ? DESTINATIONS[scheme] : undefined;
  if (open === undefined) {
    throw new PermanentError(
      `Cannot use destination "${url}": it must be s3://bucket/prefix or file:///dir`,
    );
  }
  return await open(url, options, tools);
}
