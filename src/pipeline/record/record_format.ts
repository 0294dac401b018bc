import type { RecordVersion } from "../../model/record.ts";
import type { Clock } from "../../support/clock.ts";

/**
 * Says which version of the record format the next record has.
 *
 * The rule by which versions of the program live together: a record of version 2 is written only where every living
 * member of the fleet says that it knows version 2. A journal that was begun in version 1 moves on only when that has
 * been so for an hour, so that an upgrade can be taken back as it was rolled out; and it never goes back. A kind, or a
 * field that must not be left out, that is added later takes a version of its own and is held back in the same way.
 */
export interface RecordFormat {
  /** `before`: the version of the record before it; absent for the first record of a journal. */
  versionAfter(before?: RecordVersion): RecordVersion;
}

/** `auto` follows the rule; 1 never writes version 2 into a journal that has none; 2 does not wait for the hour. */
export type RecordFormatChoice = "auto" | RecordVersion;

/** What a member tells of itself; nothing: it knows version 1 only. */
interface Reader {
  readonly recordVersion?: number;
}

/** So long an upgrade can be taken back while journals stay as the version before can read them. */
export const SETTLE_MS = 60 * 60_000;

/** A person's commands change no journal's version: who runs the stream has looked at the fleet, they have not. */
export const AS_BEFORE: RecordFormat = { versionAfter: (before = 1) => before };

/** The rule, for an instance that is told of the members whenever it has looked at them. */
export class FleetRecordFormat implements RecordFormat {
  readonly #clock: Clock;
  readonly #choice: RecordFormatChoice;
  #allKnowSinceMs: number | undefined;

  constructor(clock: Clock, choice: RecordFormatChoice) {
    this.#clock = clock;
    this.#choice = choice;
  }

  noteMembers(members: readonly Reader[]): void {
    const allKnow = members.every(({ recordVersion = 1 }) => recordVersion >= 2);
    if (!allKnow) this.#allKnowSinceMs = undefined;
    else this.#allKnowSinceMs ??= this.#clock.monotonicMs();
  }

  versionAfter(before?: RecordVersion): RecordVersion {
    if (before === 2) return 2;
    if (this.#choice === 1 || this.#allKnowSinceMs === undefined) return 1;
    if (before === undefined || this.#choice === 2) return 2;
    return this.#clock.monotonicMs() - this.#allKnowSinceMs >= SETTLE_MS ? 2 : 1;
  }
}
