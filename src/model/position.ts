import {
  type ClusterTime,
  clusterTimeOfToken,
  compareClusterTimes,
  describeClusterTime,
} from "./cluster_time.ts";

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

/** The same place as any other: an invalidate's token can be gone on from by the change stream only that it came by. */
export function withoutInvalidate({ invalidate: _, ...position }: Position): Position {
  return position;
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
 * The same place, where a stream can end: before the first event of a time there is no token to compare with, so its `data`
 * becomes what all tokens of that time begin with.
 */
export function asEnd(position: Position): Position {
  if (position.data !== "") return position;
  return { ...position, data: positionAfterTime(position.operationTime).data.slice(0, -2) };
}

/**
 * Whether the position is one that `positionAfterTime` makes. No server has ever given such a token, and none takes it: a
 * stream that goes on there is opened at the next time there can be.
 */
export function isInvented({ data }: Position): boolean {
  return INVENTED.test(data);
}

const INVENTED = /^82[0-9A-F]{16}FF$/;

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
  return compareTokens(a.data, b.data);
}

/** The later of two. */
export function laterPosition(a: Position, b: Position): Position {
  return comparePositions(a, b) >= 0 ? a : b;
}

/** Equal as places; `typeBits` follow from `data`. */
export function samePosition(a: Position, b: Position): boolean {
  return comparePositions(a, b) === 0;
}

/** Where a token's time ends: after the type byte, eight digits of seconds and eight of increment. */
export const TOKEN_TIME_END = 18;

/** The versions that tokens may be of, as they stand behind the time: of MongoDB up to 6, and after. */
export const TOKEN_VERSIONS = ["2B02", "2B04"] as const;

/** Where a token's version ends. */
export const TOKEN_VERSION_END = 22;

/**
 * Compares the `_data` of two tokens (or of positions made from times) in stream order.
 *
 * Tokens sort as strings, except that servers of different versions write the same event differently: version 1 up to
 * MongoDB 6, version 2 after (MongoDB `src/mongo/db/pipeline/resume_token.cpp`). Behind the version come token type,
 * index in the transaction, invalidation and the collection's UUID in both, which tell events of one time apart; what
 * follows differs between versions. So an upgrade in between neither doubles nor drops the events of its last position.
 */
export function compareTokens(a: string, b: string): number {
  if (a === b) return 0;
  const [versionOfA, versionOfB] = [tokenVersion(a), tokenVersion(b)];
  const comparable = versionOfA === undefined || versionOfB === undefined ||
    versionOfA === versionOfB || a.slice(0, TOKEN_TIME_END) !== b.slice(0, TOKEN_TIME_END);
  const [left, right] = comparable ? [a, b] : [versionless(a), versionless(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Whether the token is of an event, in any version; those of high-water marks are of type 0, which is written `29`
 * (MongoDB `src/mongo/db/pipeline/resume_token.cpp`).
 */
export function isEventToken(data: string): boolean {
  return tokenVersion(data) !== undefined && data.startsWith(EVENT_TYPE, TOKEN_VERSION_END);
}

const EVENT_TYPE = "2C0100";

/**
 * Whether the event with this token is about a collection as a whole, such as its drop or its rename. Version 1 has nothing
 * behind the UUID then; version 2 has the name of the operation where other events have the document's key.
 */
export function isOfNoDocument(data: string): boolean {
  return isEventToken(data) && OF_NO_DOCUMENT.test(data);
}

const OPERATION_TYPE = "6F7065726174696F6E5479706500";

const OF_NO_DOCUMENT = new RegExp(`5A1004[0-9A-F]{32}(04$|463C${OPERATION_TYPE})`);

/** Whether a server can have made it: what stands for a place before or behind all tokens of a time has no version. */
export function isToken(data: string): boolean {
  return tokenVersion(data) !== undefined;
}

/** Whether two tokens are of one event, though servers of different versions may have written them. */
export function isSameEvent(a: string, b: string): boolean {
  return a.slice(0, TOKEN_TIME_END) === b.slice(0, TOKEN_TIME_END) &&
    versionless(a) === versionless(b);
}

function tokenVersion(data: string): string | undefined {
  const version = data.slice(TOKEN_TIME_END, TOKEN_VERSION_END);
  return /^2B[0-9A-F]{2}$/.test(version) ? version : undefined;
}

/** What tokens of all versions have in common behind the version: everything up to the end of the UUID. */
export function versionless(data: string): string {
  const rest = data.slice(TOKEN_VERSION_END);
  return /^.*?5A1004[0-9A-F]{32}/.exec(rest)?.[0] ?? rest;
}

/** `2026-11-20T17:00:00Z (1795194000.1)`. */
export function describePosition({ operationTime }: Position): string {
  return describeClusterTime(operationTime);
}
