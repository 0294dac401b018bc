import { epochOf } from "../model/layout.ts";
import type { Position } from "../model/position.ts";
import { streamName, targetKey, wholeTarget } from "../model/stream.ts";
import { findJournals, type JournalEnds } from "../pipeline/layout/journal_ends.ts";
import { readLayouts } from "../pipeline/layout/layout_streams.ts";
import type { Journal, Layouts } from "../pipeline/ports.ts";

/** How one target is and was divided. */
export interface LayoutReport {
  readonly target: string;
  /** In order; the first is epoch 0 where it began as one stream. */
  readonly epochs: readonly EpochReport[];
  /** A change that was begun and has no barrier yet: the number of streams it will have. */
  readonly intended?: number;
}

export interface EpochReport {
  readonly epoch: number;
  /** The number of streams; 0: retired. */
  readonly of: number;
  /** Where its streams begin; absent for epoch 0. */
  readonly barrier?: Position;
  readonly streams: readonly {
    readonly stream: string;
    readonly state: "open" | "closed";
    readonly position: Position;
  }[];
}

/** All targets that have journals, or the one that `word` names. */
export async function readLayoutReports(
  journal: Journal,
  layouts: Layouts,
  word?: string,
): Promise<LayoutReport[]> {
  const { journals } = await findJournals(journal, word);
  const byTarget = Map.groupBy(journals, ({ stream }) => targetKey(stream));
  const reports: LayoutReport[] = [];
  for (const [target, ends] of byTarget) reports.push(await reportOf(layouts, target, ends));
  return reports;
}

async function reportOf(
  layouts: Layouts,
  target: string,
  journals: readonly JournalEnds[],
): Promise<LayoutReport> {
  const found = await readLayouts(layouts, target);
  const of = (epoch: number) =>
    journals.filter(({ stream }) => epochOf(stream) === epoch).map(({ stream, last }) => ({
      stream: streamName(stream),
      state: last.kind === "closed" ? "closed" as const : "open" as const,
      position: last.to,
    }));
  const first = of(0);
  const epochs = found.map((layout) => ({ ...layout, streams: of(layout.epoch) }));
  const intent = await layouts.readIntent(target, (found.at(-1)?.epoch ?? 0) + 1);
  return {
    target: streamName(wholeTarget(journals[0]!.stream)),
    epochs: first.length === 0 ? epochs : [{ epoch: 0, of: 1, streams: first }, ...epochs],
    ...(intent === undefined ? {} : { intended: intent.of }),
  };
}
