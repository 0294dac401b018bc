import type { Db } from "mongodb";
import { type Clock, sleep } from "../../src/support/clock.ts";
import { SeededRandom } from "../../tests/support/seeded_random.ts";
import { Changes } from "./changes.ts";
import type { LoadOptions } from "./options.ts";
import { changesDue } from "./pace.ts";
import { SHAPES } from "./shapes.ts";

const TICK_MS = 50;
const CHANGES_A_CALL_MAX = 500;
const DOCUMENTS_A_SECOND_MAX = 2 ** 20;

export interface LoadTools {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told how many changes MongoDB has acknowledged, after each step. */
  readonly tell: (written: number) => void;
}

/**
 * Writes changes in turn into the collections, as many as are due, until the duration is over or the signal comes. Where MongoDB cannot keep up, it writes as fast as it can.
 */
export async function writeLoad(db: Db, options: LoadOptions, tools: LoadTools): Promise<number> {
  const { clock, signal, tell } = tools;
  // Documents of former runs stay; the numbers of this run's begin behind theirs.
  const first = Math.floor(clock.wallMs() / 1000) * DOCUMENTS_A_SECOND_MAX;
  const collections = Array.from({ length: options.collections }, (_, i) => ({
    collection: db.collection(`load_${i}`),
    changes: new Changes(SHAPES[options.shape], options, new SeededRandom(options.seed + i), first),
  }));
  const startMs = clock.monotonicMs();
  let written = 0;
  for (let turn = 0; !signal.aborted; turn++) {
    const elapsedMs = Math.min(clock.monotonicMs() - startMs, options.durationMs);
    const due = Math.floor(changesDue(options.pace, elapsedMs)) - written;
    if (due <= 0 && elapsedMs >= options.durationMs) break;
    if (due <= 0) {
      await sleep(clock, TICK_MS, signal).catch(() => {}); // Stopped: the loop sees it.
      continue;
    }
    const { collection, changes } = collections[turn % collections.length]!;
    const share = Math.ceil(due / collections.length);
    const part = changes.take(Math.min(share, CHANGES_A_CALL_MAX));
    await collection.bulkWrite(part, { ordered: true });
    written += part.length;
    tell(written);
  }
  return written;
}
