import { createHash } from "node:crypto";
import { PermanentError } from "../model/errors.ts";
import type { Coverage, CoverageGap } from "../model/coverage.ts";
import { type AcceptedLoss, listAccepted, readAccepted } from "./accepted_losses.ts";
import type { JournalStore } from "./object_journal.ts";

/** How a selection is named where streams are: in reports, and where its gaps are accepted. */
const PREFIX = "selection.";

const MARK_HEX_DIGITS = 16;

/** The selection's name among streams. */
export function nameOfSelection(selectionKey: string): string {
  return `${PREFIX}${selectionKey}`;
}

/** The selection that a name stands for; undefined where it is a stream's. */
export function selectionOfName(name: string): string | undefined {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}

/** Stands for exactly these gaps, as a record's id does for a record: entries have none. */
export function markOfGaps(gaps: readonly CoverageGap[]): string {
  const text = JSON.stringify(
    gaps.map(({ from, to, reason }) => [from.t, from.i, to.t, to.i, reason]),
  );
  return createHash("sha256").update(text).digest("hex").slice(0, MARK_HEX_DIGITS);
}

/**
 * The acceptance that reaches furthest, if there is one. Who accepts an entry accepts all gaps that it has; later entries
 * have the same ones first, so that `gaps` says how many of them are accepted.
 */
export async function acceptedGaps(
  store: Pick<JournalStore, "get" | "list">,
  selectionKey: string,
  last: Coverage,
): Promise<AcceptedLoss | undefined> {
  const name = nameOfSelection(selectionKey);
  for (const seq of (await listAccepted(store, name)).reverse()) {
    const accepted = await readOrNothing(store, name, seq);
    if (accepted?.record === markOfGaps(last.gaps.slice(0, accepted?.gaps))) return accepted;
  }
  return undefined;
}

/** What cannot be understood accepts nothing. */
async function readOrNothing(
  store: Pick<JournalStore, "get">,
  name: string,
  seq: number,
): Promise<AcceptedLoss | undefined> {
  try {
    return await readAccepted(store, name, seq);
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    throw error;
  }
}
