import { type ClusterTime, clusterTimeOfToken, compareClusterTimes } from "./cluster_time.ts";

/**
 * A place between two events of a stream.
 *
 * `data` is the `_data` string of the last resume token consumed; empty means "before the first event of
 * `operationTime`" (an inclusive start). `typeBits` is the token's `_typeBits` in base64, without which many tokens
 * cannot be given back to the server. `invalidate` marks the token of an invalidate event: the stream can only be
 * opened after it with `startAfter`.
 */
export interface Position {
  readonly operationTime: ClusterTime;
  readonly data: string;
  readonly typeBits?: string;
  readonly invalidate?: true;
}

/** The inclusive start at a cluster time. */
export function positionAt(operationTime: ClusterTime): Position {
  return { operationTime, data: "" };
}

/**
 * The position after everything that happened at or before a cluster time: its `data` is no token, but sorts behind all
 * tokens of that time and before those of the next.
 */
export function positionAfterTime(operationTime: ClusterTime): Position {
  const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");
  return { operationTime, data: `82${hex(operationTime.t)}${hex(operationTime.i)}FF` };
}

/**
 * The position just after the event (or high-water mark) that has this token.
 *
 * @throws {TypeError} if the token is not MongoDB's KeyString form.
 */
export function positionAfterToken(data: string, typeBits?: string): Position {
  const operationTime = clusterTimeOfToken(data);
  if (operationTime === undefined) {
    throw new TypeError(
      `Cannot read a resume token: its _data must begin with 82 and sixteen hex digits, not "${
        data.slice(0, 24)
      }"`,
    );
  }
  return typeBits === undefined ? { operationTime, data } : { operationTime, data, typeBits };
}

/** Negative if `a` is before `b` in stream order, 0 if they are the same place. */
export function comparePositions(a: Position, b: Position): number {
  const byTime = compareClusterTimes(a.operationTime, b.operationTime);
  if (byTime !== 0) return byTime;
  return a.data < b.data ? -1 : a.data > b.data ? 1 : 0;
}

/** Equal as places; `typeBits` follow from `data`. */
export function samePosition(a: Position, b: Position): boolean {
  return comparePositions(a, b) === 0;
}
