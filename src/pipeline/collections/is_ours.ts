import { isNamespaceWanted } from "../../model/namespace_filter.ts";
import { isSameTarget, type Stream } from "../../model/stream.ts";
import type { CollectionChoice } from "./wanted_collections.ts";

/**
 * Whether a pipeline that has these streams brings what a target's events are, also where another copy runs it. What patterns
 * chose stays ours when it is gone and no stream runs any more: the ranges of its snapshot are still to be closed.
 */
export function isOurs(
  target: Stream,
  streams: Iterable<Stream>,
  { filter }: CollectionChoice,
): boolean {
  if (target.level === "collection" && filter !== undefined) {
    if (isNamespaceWanted(filter, `${target.database}.${target.collection}`)) return true;
  }
  for (const stream of streams) if (isSameTarget(stream, target)) return true;
  return false;
}
