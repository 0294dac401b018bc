import {
  RANGE_RECORD_VERSION,
  type RecordVersion,
  STREAM_RECORD_VERSIONS,
} from "../../model/record.ts";
import type { Clock } from "../../support/clock.ts";

/**
 * Says which version of the record format the next record has.
 *
 * The rule by which versions of the program live together: a record of a version is written only where every living
 * member of the fleet says that it knows the version. A new journal begins with the highest such version. One that was
 * begun in an older version moves on only when that has been so for an hour, so that an upgrade can be taken back as it
 * was rolled out; and it never goes back. A kind, or a field that must not be left out, that is added later takes a
 * version of its own and is held back in the same way.
 */
export interface RecordFormat {
  /** `before`: the version of the record before it; absent for the first record of a journal. */
  versionAfter(before?: RecordVersion): RecordVersion;
}

/** `auto` follows the rule; a version is the highest that is begun with or moved on to, without waiting for the hour. */
export type RecordFormatChoice = "auto" | RecordVersion;

/** What a member tells of itself; nothing: it knows version 1 only. */
interface Reader {
  readonly recordVersion?: number;
}

/** So long an upgrade can be taken back while journals stay as the version before can read them. */
export const SETTLE_MS = 60 * 60_000;

/** A person's commands change no journal's version: who runs the stream has looked at the fleet, they have not. */
export const AS_BEFORE: RecordFormat = { versionAfter: (before = 1) => before };

/** Of the ranges of snapshots: programs that do not know it do not see their journals. */
export const RANGE_FORMAT: RecordFormat = { versionAfter: () => RANGE_RECORD_VERSION };

/** The rule, for an instance that is told of the members whenever it has looked at them. */
export class FleetRecordFormat implements RecordFormat {
  readonly #clock: Clock;
  readonly #choice: RecordFormatChoice;
  /** By version: since when all members have known it. */
  readonly #allKnowSinceMs = new Map<RecordVersion, number>();

  constructor(clock: Clock, choice: RecordFormatChoice) {
    this.#clock = clock;
    this.#choice = choice;
  }

  noteMembers(members: readonly Reader[]): void {
    const nowMs = this.#clock.monotonicMs();
    for (const version of STREAM_RECORD_VERSIONS) {
      const allKnow = members.every(({ recordVersion = 1 }) => recordVersion >= version);
      if (!allKnow) this.#allKnowSinceMs.delete(version);
      else if (!this.#allKnowSinceMs.has(version)) this.#allKnowSinceMs.set(version, nowMs);
    }
  }

  versionAfter(before?: RecordVersion): RecordVersion {
    const waitMs = before === undefined || this.#choice !== "auto" ? 0 : SETTLE_MS;
    const least = before ?? 1;
    return STREAM_RECORD_VERSIONS.filter((version) =>
      version > least && this.#isKnown(version, waitMs)
    )
      .at(-1) ?? least;
  }

  #isKnown(version: RecordVersion, forMs: number): boolean {
    if (this.#choice !== "auto" && version > this.#choice) return false;
    const sinceMs = this.#allKnowSinceMs.get(version);
    return sinceMs !== undefined && this.#clock.monotonicMs() - sinceMs >= forMs;
  }
}
