import { errorMessage, PermanentError } from "../../model/errors.ts";
import { isLoss, lossesOf } from "../../model/losses.ts";
import type { JournalRecord } from "../../model/record.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { type AcceptedLoss, listAccepted, readAccepted } from "../losses/accepted_losses.ts";
import { acceptedKey } from "../journal_keys.ts";
import type { JournalStore } from "../object_journal.ts";

/** Acceptances read at once. */
const READS_IN_FLIGHT_MAX = 16;

/** What somebody has accepted of one journal, held against its records. */
export class AcceptedRecords {
  readonly #streamKey: string;
  readonly #accepted: ReadonlyMap<number, AcceptedLoss>;
  readonly #unread: readonly string[];
  readonly #met = new Set<number>();

  private constructor(
    streamKey: string,
    accepted: ReadonlyMap<number, AcceptedLoss>,
    unread: readonly string[],
  ) {
    this.#streamKey = streamKey;
    this.#accepted = accepted;
    this.#unread = unread;
  }

  /** Errors of the store pass through; what is damaged accepts nothing, and is named by `strays`. */
  static async read(
    store: Pick<JournalStore, "get" | "list">,
    streamKey: string,
  ): Promise<AcceptedRecords> {
    const seqs = await listAccepted(store, streamKey);
    const unread: string[] = [];
    const read = await mapLimited(seqs, READS_IN_FLIGHT_MAX, async (seq) => {
      try {
        return await readAccepted(store, streamKey, seq);
      } catch (error) {
        if (!(error instanceof PermanentError)) throw error;
        unread.push(errorMessage(error));
        return undefined;
      }
    });
    const accepted = new Map(read.flatMap((each, i) => each ? [[seqs[i]!, each] as const] : []));
    return new AcceptedRecords(streamKey, accepted, unread.sort());
  }

  /** The acceptance of what this record says is lost. */
  of(record: JournalRecord): AcceptedLoss | undefined {
    const accepted = this.#accepted.get(record.seq);
    if (accepted?.record !== record.id || !isLoss(lossesOf(record))) return undefined;
    this.#met.add(record.seq);
    return accepted;
  }

  /** Acceptances that belong to no loss, of those from the first record that was looked at on. */
  strays(first: number): string[] {
    const strays = [...this.#accepted.keys()].filter((seq) => !this.#met.has(seq) && seq >= first);
    return [
      ...this.#unread,
      ...strays.map((seq) =>
        `"${
          acceptedKey(this.#streamKey, seq)
        }" accepts a loss that record ${seq} does not name: it counts for ` +
        "nothing, and can be moved away"
      ),
    ];
  }
}
