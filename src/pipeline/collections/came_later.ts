import { comparePositions, type Position } from "../../model/position.ts";
import { type Stream, targetKey } from "../../model/stream.ts";
import type { Journal } from "../ports.ts";

/**
 * Whether a target begins behind the patterns that choose it (`selectionStart`): it was made after that, and all that was ever in it is in its
 * stream. Also true of what goes on behind a retired target.
 */
export async function cameLater(
  journal: Pick<Journal, "readStart">,
  selectionStart: Position | undefined,
  target: Stream,
): Promise<boolean> {
  if (selectionStart === undefined) return false;
  const start = await journal.readStart(targetKey(target));
  return start !== undefined && comparePositions(start, selectionStart) > 0;
}
