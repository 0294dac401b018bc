import { PermanentError } from "../../model/errors.ts";
import {
  addLosses,
  isLoss,
  type Losses,
  lossesOf,
  NO_LOSSES,
  withoutLosses,
} from "../../model/losses.ts";
import type { JournalRecord } from "../../model/record.ts";
import type { KnownLosses, LossBook } from "../../pipeline/ports.ts";
import { Limiter } from "../../support/flow/limited.ts";
import { acceptedStreams, listAccepted, readAccepted } from "./accepted_losses.ts";
import type { JournalStore } from "../object_journal.ts";
import { readRawRecord } from "../read_raw_record.ts";
import { readTip, RECORDS_PER_TIP } from "../tips.ts";

/** Journals that are read at the same time, and records of each. They must not stand in the way of what is stored. */
const WALKS_MAX = 2;
const READS_MAX = 4;

/** Told of what could not be read; it is tried again with the next record, and at the next look. */
export type CountFailed = (streamKey: string, error: unknown) => void;

/** What is known of one stream. */
interface Page {
  told: ((losses: KnownLosses) => void) | undefined;
  /** What the records from 0 to `seq` say. */
  counted: { readonly seq: number; readonly losses: Losses } | undefined;
  /** The last record that there is, as far as this process knows. */
  last: number;
  isWalking: boolean;
  readonly accepted: Map<number, Losses>;
  /** The last that was told, as text. */
  shown: string;
}

/**
 * Keeps what the journals of the streams that run here say is lost.
 *
 * The sum up to each thousandth record lies in the lake, in the tips, whichever version of records a journal has. So a
 * journal that is taken over costs one tip and the records behind it: 999 at most, read in the background, few at a time.
 * Records that are appended here cost nothing. A journal that this process has counted before is read from there on.
 */
export class LossLedger implements LossBook {
  readonly #store: Pick<JournalStore, "get" | "list" | "listFolders">;
  readonly #failed: CountFailed;
  readonly #pages = new Map<string, Page>();
  readonly #walks = new Limiter(WALKS_MAX);

  constructor(
    store: Pick<JournalStore, "get" | "list" | "listFolders">,
    failed: CountFailed,
  ) {
    this.#store = store;
    this.#failed = failed;
  }

  opened(streamKey: string, last: JournalRecord, told: (losses: KnownLosses) => void): void {
    const page = this.#page(streamKey);
    page.told = told;
    page.shown = "";
    page.last = last.seq;
    // A journal that lost its end and grew again is another one.
    if (page.counted !== undefined && page.counted.seq > last.seq) page.counted = undefined;
    if (last.seq === 0) page.counted = { seq: 0, losses: lossesOf(last) };
    this.#goOn(streamKey, page);
    this.#tell(page);
  }

  appended(streamKey: string, record: JournalRecord): void {
    const page = this.#page(streamKey);
    page.last = Math.max(page.last, record.seq);
    const { counted } = page;
    if (counted === undefined || counted.seq !== record.seq - 1 || page.isWalking) {
      return this.#goOn(streamKey, page);
    }
    page.counted = { seq: record.seq, losses: addLosses(counted.losses, lossesOf(record)) };
    this.#tell(page);
  }

  /**
   * Looks what has been accepted since, and counts on where that had failed. Asks for nothing where the streams that are
   * held have lost nothing.
   */
  async look(held: Iterable<string>): Promise<void> {
    const streams = new Set(held);
    const lossy: [string, Page][] = [];
    this.#pages.forEach((page, key) => {
      if (!streams.has(key)) return;
      this.#goOn(key, page);
      if (page.counted !== undefined && isLoss(page.counted.losses)) lossy.push([key, page]);
    });
    if (lossy.length === 0) return;
    const folders = new Set(await acceptedStreams(this.#store));
    for (const [key, page] of lossy) {
      if (folders.has(key)) await this.#readAccepted(key, page);
      else page.accepted.clear();
      this.#tell(page);
    }
  }

  #page(streamKey: string): Page {
    const known = this.#pages.get(streamKey);
    if (known !== undefined) return known;
    const page: Page = {
      told: undefined,
      counted: undefined,
      last: -1,
      isWalking: false,
      accepted: new Map(),
      shown: "",
    };
    this.#pages.set(streamKey, page);
    return page;
  }

  #goOn(streamKey: string, page: Page): void {
    if (page.isWalking || page.counted?.seq === page.last) return;
    page.isWalking = true;
    void this.#walks.run(() => this.#walk(streamKey, page)).catch((error: unknown) => {
      page.isWalking = false;
      this.#failed(streamKey, error);
    }).then(() => this.#tell(page));
  }

  async #walk(streamKey: string, page: Page): Promise<void> {
    page.counted ??= await this.#lastTip(streamKey, page.last);
    let hasReadAccepted = false;
    for (;;) {
      const next: number = page.counted === undefined ? 0 : page.counted.seq + 1;
      const count = Math.min(READS_MAX, page.last - next + 1);
      if (count <= 0 && !hasReadAccepted && page.counted && isLoss(page.counted.losses)) {
        // What is lost is told with what is accepted of it, or an accepted loss would alert at each start.
        await this.#readAccepted(streamKey, page);
        hasReadAccepted = true;
        continue;
      }
      if (count <= 0) {
        // At once: what is appended from here on is counted as it comes.
        page.isWalking = false;
        return;
      }
      const seqs = Array.from({ length: count }, (_, index) => next + index);
      const records = await Promise.all(
        seqs.map((seq) => readRawRecord(this.#store, streamKey, seq)),
      );
      // Meanwhile the stream may have been opened anew behind a journal that is shorter.
      const from = page.counted === undefined ? 0 : page.counted.seq + 1;
      if (from !== next) continue;
      let losses = page.counted?.losses ?? NO_LOSSES;
      for (const [index, read] of records.entries()) {
        if (read === "missing" || "fault" in read) {
          const why = read === "missing" ? `record ${seqs[index]} is missing` : read.fault;
          throw new PermanentError(`Cannot count what ${streamKey} has lost: ${why}`);
        }
        losses = addLosses(losses, lossesOf(read.record));
      }
      page.counted = { seq: next + count - 1, losses };
    }
  }

  /** Nothing depends on tips: one that is damaged is passed over, and `verify` names it. */
  async #lastTip(streamKey: string, seq: number): Promise<Page["counted"]> {
    let due = Math.floor((seq + 1) / RECORDS_PER_TIP) * RECORDS_PER_TIP - 1;
    for (; due >= 0; due -= RECORDS_PER_TIP) {
      try {
        const tip = await readTip(this.#store, streamKey, due);
        if (tip === undefined) continue;
        const { gaps, voids, deadLetters } = tip;
        return { seq: due, losses: { gaps, voidedObjects: voids, deadLetters } };
      } catch (error) {
        if (!(error instanceof PermanentError)) throw error;
      }
    }
    return undefined;
  }

  async #readAccepted(streamKey: string, page: Page): Promise<void> {
    const seqs = await listAccepted(this.#store, streamKey);
    const news = seqs.filter((seq) => !page.accepted.has(seq));
    for (const seq of news) {
      try {
        const accepted = await readAccepted(this.#store, streamKey, seq);
        if (accepted !== undefined) page.accepted.set(seq, accepted);
      } catch (error) {
        // What cannot be understood accepts nothing; `verify` names it.
        if (!(error instanceof PermanentError)) throw error;
      }
    }
    for (const seq of page.accepted.keys()) {
      // Somebody moved it away: the loss counts again.
      if (!seqs.includes(seq)) page.accepted.delete(seq);
    }
  }

  #tell(page: Page): void {
    const { counted, told, accepted } = page;
    if (counted === undefined || told === undefined || page.isWalking) return;
    let losses = counted.losses;
    let acceptedRecords = 0;
    for (const [seq, each] of accepted) {
      if (seq > counted.seq) continue;
      acceptedRecords++;
      losses = withoutLosses(losses, each);
    }
    const { gaps, voidedObjects, deadLetters } = losses;
    const known = { gaps, voidedObjects, deadLetters, acceptedRecords };
    const shown = JSON.stringify(known);
    if (shown === page.shown) return;
    page.shown = shown;
    told({ ...known, seq: counted.seq });
  }
}
