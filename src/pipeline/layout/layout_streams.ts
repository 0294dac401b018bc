import {
  type CollectionStream,
  type Layout,
  type LayoutIntent,
  streamsOfLayout,
} from "../../model/layout.ts";
import type { Position } from "../../model/position.ts";
import { streamKey, targetKey } from "../../model/stream.ts";
import type { Journal, Layouts } from "../ports.ts";
import { fixTargetStart, type IsNew } from "./target_start.ts";

/** All layouts of a collection in order of their epochs; they are dense from 1. */
export async function readLayouts(layouts: Layouts, target: string): Promise<Layout[]> {
  const found: Layout[] = [];
  for (let epoch = 1;; epoch++) {
    const layout = await layouts.read(target, epoch);
    if (layout === undefined) return found;
    found.push(layout);
  }
}

/**
 * The streams of a collection that are to run now: those of the first epoch that has not ended, without those that are
 * closed. Partitions of the next epoch begin when all before are closed, never sooner.
 */
export async function streamsToRun(
  journal: Journal,
  layouts: Layouts,
  collection: CollectionStream,
): Promise<CollectionStream[]> {
  const epochs: LayoutIntent[] = await readLayouts(layouts, targetKey(collection));
  if (epochs.length === 0 || await wasUndivided(journal, collection)) {
    epochs.unshift({ epoch: 0, of: 1 });
  }
  const last = epochs.at(-1)!;
  for (const epoch of epochs) {
    const streams = streamsOfLayout(collection, epoch);
    const closed = await Promise.all(streams.map((stream) => isClosed(journal, streamKey(stream))));
    const open = streams.filter((_, i) => !closed[i]);
    // A closed journal in the last epoch was retired; running it says so.
    if (epoch === last) return streams;
    if (open.length > 0) return open;
  }
  return [];
}

/**
 * Fixes the first layout of a collection that was never streamed: `of` partitions from its start position. Where it was
 * (then `layout set` changes it), or one stream is wanted, nothing happens. Answers the layout in force, if any.
 *
 * Somebody else may begin to stream it whole at the same moment. The intent decides: whoever begins after it sees it
 * before its first append and ends at the layout's barrier; if somebody has begun before it, the barrier is not the start
 * but, as with every other change, a place that its stream has not reached, and that stream fixes it. `isNew` as in
 * `fixTargetStart`.
 */
export async function fixFirstLayout(
  journal: Journal,
  layouts: Layouts,
  collection: CollectionStream,
  of: number,
  resolveStart: () => Promise<Position>,
  isNew?: IsNew,
): Promise<Layout | undefined> {
  const target = targetKey(collection);
  const latest = (await readLayouts(layouts, target)).at(-1);
  if (latest !== undefined || of === 1 || await wasUndivided(journal, collection)) return latest;
  const intent = await layouts.putIntent(target, { epoch: 1, of });
  if (await wasUndivided(journal, collection)) return undefined;
  const start = await fixTargetStart(journal, collection, resolveStart, isNew);
  return await layouts.put(target, { ...intent, barrier: start });
}

async function wasUndivided(journal: Journal, collection: CollectionStream): Promise<boolean> {
  const [plain] = streamsOfLayout(collection, { epoch: 0, of: 1 });
  return await journal.read(streamKey(plain!), 0) !== undefined;
}

async function isClosed(journal: Journal, key: string): Promise<boolean> {
  const last = await journal.last(key);
  return last?.kind === "closed";
}
