import { comparePositions, type Position, positionAfterTime } from "../model/position.ts";

/**
 * Where a stream goes on that was opened at `from` and that the server has ended with this token of an invalidate.
 *
 * Only the server's own token may go to it again, never the position that was gone on from: that may be invented, or of
 * another server. Where that position lies behind the invalidate, going on after the token would be a step back. Whatever
 * invalidates is alone in its time, so behind that there is nothing that was not seen.
 */
export function positionAfterInvalidate(token: Position, from: Position): Position {
  const isBehind = comparePositions(token, from) < 0;
  return isBehind ? positionAfterTime(token.operationTime) : { ...token, invalidate: true };
}
