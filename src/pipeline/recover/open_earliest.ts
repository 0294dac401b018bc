import { type ClusterTime, compareClusterTimes } from "../../model/cluster_time.ts";
import { HistoryLostError, PermanentError } from "../../model/errors.ts";
import { type Position, positionAt } from "../../model/position.ts";
import type { SourceDescription } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";

/** The margin doubles with each try: the last ones are in the middle of any oplog. */
const TRIES_MAX = 24;

/** A position must be so many times further from the oplog's end than that has moved while it was opened. */
const STEPS_LEFT_MIN = 8;

/**
 * The oldest position that can be opened; proven by opening it.
 *
 * The oldest entry may be deleted between two questions, on a server that writes much again and again. So whenever it has
 * moved, what is tried next is a little newer, up to the middle of what the oplog holds: there it lasts for a while.
 * `losses`: how many positions found here have been lost before they were of use.
 *
 * @throws {HistoryLostError} if no position lasts.
 */
export async function openEarliest(
  context: Pick<StreamContext, "source" | "stream" | "settings">,
  signal: AbortSignal,
  losses = 0,
): Promise<Position> {
  const { source, stream, settings } = context;
  for (let attempt = 0;; attempt++) {
    const before = rangeOf(await source.describe(signal));
    const from = positionAt(timeAt(before, attempt + losses));
    try {
      const cursor = await source.open({ stream, from, settings, images: "as-set" }, signal);
      await cursor.close();
    } catch (error) {
      if (!(error instanceof HistoryLostError) || attempt >= TRIES_MAX) throw error;
      continue;
    }
    const now = rangeOf(await source.describe(signal));
    if (willLast(from.operationTime, before, now) || attempt >= TRIES_MAX) return from;
  }
}

/** What the oplog holds. */
interface Range {
  readonly oldest: ClusterTime;
  readonly newest: ClusterTime;
}

function rangeOf(description: SourceDescription): Range {
  return { oldest: oldestEntry(description), newest: description.operationTime };
}

/** @throws {PermanentError} where the server does not tell. */
export function oldestEntry({ oldestOplogTime }: SourceDescription): ClusterTime {
  if (oldestOplogTime !== undefined) return oldestOplogTime;
  throw new PermanentError(
    "Cannot find the oldest entry of the oplog: the MongoDB user may not read local.oplog.rs, " +
      "or the server is a mongos; grant it, or give START_FROM a time or a resume token",
  );
}

/** The oldest time at the first step, and after it further away from that, until the middle is reached. */
function timeAt({ oldest, newest }: Range, step: number): ClusterTime {
  if (step === 0) return oldest;
  const half = Math.floor((newest.t - oldest.t) / 2);
  const seconds = Math.min(half, 2 ** (step - 1));
  if (seconds > 0) return { t: oldest.t + seconds, i: 1 };
  if (newest.t > oldest.t) return { t: newest.t, i: 1 };
  return { t: oldest.t, i: oldest.i + Math.floor(Math.max(0, newest.i - oldest.i) / 2) };
}

function willLast(time: ClusterTime, before: Range, now: Range): boolean {
  if (compareClusterTimes(before.oldest, now.oldest) >= 0) return true;
  const moved = Math.max(1, now.oldest.t - before.oldest.t);
  const isInMiddle = (now.newest.t - time.t) <= (now.newest.t - now.oldest.t) / 2 + 1;
  return isInMiddle || time.t - now.oldest.t >= STEPS_LEFT_MIN * moved;
}
