/**
 * MongoDB's logical time of an oplog entry.
 *
 * `t` is seconds since 1970 (unsigned 32 bits), `i` the ordinal of the entry in that second, from 1.
 */
export interface ClusterTime {
  readonly t: number;
  readonly i: number;
}

/** Negative if `a` is before `b`, 0 if they are equal, positive if it is after. */
export function compareClusterTimes(a: ClusterTime, b: ClusterTime): number {
  return a.t - b.t || a.i - b.i;
}

/** The later of two; the other one where one is not known. */
export function laterTime(a: ClusterTime, b: ClusterTime): ClusterTime;
export function laterTime(
  a: ClusterTime | undefined,
  b: ClusterTime | undefined,
): ClusterTime | undefined;
export function laterTime(
  a: ClusterTime | undefined,
  b: ClusterTime | undefined,
): ClusterTime | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareClusterTimes(a, b) >= 0 ? a : b;
}

/** The earlier of two. */
export function earlierTime(a: ClusterTime, b: ClusterTime): ClusterTime {
  return compareClusterTimes(a, b) <= 0 ? a : b;
}

/** The next time there can be. */
export function timeAfter({ t, i }: ClusterTime): ClusterTime {
  return i < INCREMENT_MAX ? { t, i: i + 1 } : { t: t + 1, i: 1 };
}

const INCREMENT_MAX = 0xffffffff;

/** `2026-11-20T17:00:00Z (1795194000.1)`: how a cluster time is written for people, who cannot read the one in brackets. */
export function describeClusterTime(time: ClusterTime): string {
  return `${clusterTimeIso(time)} (${formatClusterTime(time)})`;
}

/** `2026-11-20T17:00:00Z`, the second it lies in. */
export function clusterTimeIso({ t }: ClusterTime): string {
  return new Date(t * 1000).toISOString().replace(".000Z", "Z");
}

/** `1763690000.12`: how a cluster time is written for programs and in settings. For people: `describeClusterTime`. */
export function formatClusterTime(time: ClusterTime): string {
  return `${time.t}.${time.i}`;
}

/**
 * Reads the operation time out of a resume token's `_data` string.
 *
 * The string is a hexadecimal KeyString: after the type byte `82` come eight digits of seconds and eight of increment
 * (MongoDB `src/mongo/db/pipeline/resume_token.cpp`). Undefined if the text is not of that form, as with DocumentDB.
 */
export function clusterTimeOfToken(data: string): ClusterTime | undefined {
  if (!/^82[0-9A-Fa-f]{16}/.test(data)) return undefined;
  return { t: parseInt(data.slice(2, 10), 16), i: parseInt(data.slice(10, 18), 16) };
}

/** The 64-bit form, in which cluster times compare as unsigned integers. */
export function clusterTimeToBigInt(time: ClusterTime): bigint {
  return (BigInt(time.t) << 32n) | BigInt(time.i);
}
