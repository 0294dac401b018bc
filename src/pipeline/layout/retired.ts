import { type LayoutIntent, streamsOfLayout } from "../../model/layout.ts";
import { type Stream, streamKey, targetKey } from "../../model/stream.ts";
import type { Journal, Layouts } from "../ports.ts";
import { isRetired } from "./is_retired.ts";
import { readLayouts } from "./layout_streams.ts";

/**
 * The streams with which a target has ended for good, all of them closed: those of its last layout. Undefined where it was
 * not retired, or still runs up to its end.
 */
export async function streamsOfRetired(
  journal: Pick<Journal, "last">,
  layouts: Layouts,
  target: Stream,
): Promise<readonly Stream[] | undefined> {
  const streams = await lastStreams(layouts, target);
  const lasts = await Promise.all(streams.map((each) => journal.last(streamKey(each))));
  return streams.length > 0 && lasts.every(isRetired) ? streams : undefined;
}

async function lastStreams(layouts: Layouts, target: Stream): Promise<readonly Stream[]> {
  if (target.level !== "collection") return [target];
  const known: readonly LayoutIntent[] = await readLayouts(layouts, targetKey(target));
  if (known.at(-1)?.of !== 0) return [];
  const before = known.findLast(({ of }) => of > 0) ?? { epoch: 0, of: 1 };
  return streamsOfLayout(target, before);
}
