import type { TableFile } from "../table_log.ts";
import type { ContainedFile } from "./compactable_log.ts";
import { idOfOutput } from "./compaction_record.ts";
import { candidatesIn, isOver } from "./plan_compactions.ts";

/** Small files of a table that a compaction holds at once, with what it is about to make of them: some 45 MB. */
export const FILES_HELD_MAX = 100_000;

export interface OldestFilesChoice {
  /** Those of before have had their turn. */
  readonly fromMs: number;
  readonly nowMs: number;
  readonly filesHeldMax: number;
}

/**
 * Chooses of a table's files the small ones of the first hours or days, as many as may be held, and all outputs of compactions. Of an
 * hour it takes all, unless that alone has too many. Whoever looks at the same table chooses the same.
 */
export class OldestFiles {
  /** From which time on files were left out; undefined where none were. */
  leftFromMs: number | undefined;
  readonly #choice: OldestFilesChoice;

  constructor(choice: OldestFilesChoice) {
    this.#choice = choice;
  }

  choose(files: readonly ContainedFile[]): readonly ContainedFile[] {
    const { fromMs, nowMs, filesHeldMax } = this.#choice;
    const outputs = files.filter(({ path }) => idOfOutput(path) !== undefined);
    const small = files.filter((file) => isCandidate(file, nowMs) && file.bounds!.fromMs >= fromMs);
    if (small.length <= filesHeldMax) return [...outputs, ...small];
    small.sort((a, b) => a.bounds!.fromMs - b.bounds!.fromMs || (a.path < b.path ? -1 : 1));
    const left = this.leftFromMs = small[filesHeldMax]!.bounds!.fromMs;
    const held = small.slice(0, filesHeldMax);
    const whole = held.filter(({ bounds }) => bounds!.fromMs < left);
    return [...outputs, ...(whole.length > 0 ? whole : held)];
  }

  /** Whether all inputs of what was joined already are chosen, if the table has them. */
  isAbout({ bounds }: Pick<TableFile, "bounds">): boolean {
    const { fromMs, nowMs } = this.#choice;
    const { leftFromMs = Infinity } = this;
    return bounds !== undefined && isOver(bounds, nowMs) && bounds.fromMs >= fromMs &&
      bounds.fromMs < leftFromMs;
  }
}

/** Whether a path is one of these, or of an output of a compaction. */
export function isAmong(paths: readonly string[]): (path: string) => boolean {
  const chosen = new Set(paths);
  return (path) => chosen.has(path) || idOfOutput(path) !== undefined;
}

/** Without an array of all of them in between: a table may have millions. */
export function pathsThat(
  isWanted: (path: string) => boolean,
  paths: Iterable<string>,
): Set<string> {
  const wanted = new Set<string>();
  for (const path of paths) if (isWanted(path)) wanted.add(path);
  return wanted;
}

function isCandidate(file: ContainedFile, nowMs: number): boolean {
  return candidatesIn([file], nowMs).length > 0;
}
