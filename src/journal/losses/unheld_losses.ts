import { nameOfKey } from "../../model/stream_choice.ts";
import type { Journal, KnownLosses } from "../../pipeline/ports.ts";
import type { JournalStore } from "../object_journal.ts";
import { readObjectCoverage } from "../object_coverage.ts";
import { type CountFailed, LossLedger } from "./loss_ledger.ts";
import { acceptedGaps, nameOfSelection } from "./selection_gaps.ts";

/** So many journals are counted at each look, for each may cost a thousand requests once. */
const JOURNALS_A_LOOK_MAX = 10;

type Losses = Omit<KnownLosses, "seq">;

/** What is lost of a stream that nobody has, or of a selection. */
export interface UnheldLoss {
  /** The key of a stream; of a selection, its name among streams. */
  readonly key: string;
  readonly name: string;
  readonly losses: Losses;
}

/**
 * Keeps what is lost of streams that nobody has: those that were retired, or are in no settings any more, and of selections
 * the times in which it is not known what collections there were. A journal is counted once and, as nobody writes it, stays
 * so until somebody has it again.
 */
export class UnheldLosses {
  readonly #store: Pick<JournalStore, "get" | "list" | "listFolders">;
  readonly #journal: Pick<Journal, "streams" | "last">;
  readonly #failed: CountFailed;
  readonly #ledger: LossLedger;
  /** By key; undefined until it is counted. */
  readonly #streams = new Map<string, Losses | undefined>();
  #selections: readonly UnheldLoss[] = [];

  constructor(
    store: Pick<JournalStore, "get" | "list" | "listFolders">,
    journal: Pick<Journal, "streams" | "last">,
    failed: CountFailed,
  ) {
    this.#store = store;
    this.#journal = journal;
    this.#failed = failed;
    this.#ledger = new LossLedger(store, failed);
  }

  /** As of the last look, and what was counted since. */
  get known(): readonly UnheldLoss[] {
    const streams = [...this.#streams].flatMap(([key, losses]) =>
      losses === undefined ? [] : [{ key, name: nameOfKey(key), losses }]
    );
    return [...streams, ...this.#selections];
  }

  /** `isHeld`: somebody has the stream, and tells what it has lost. */
  async look(isHeld: (streamKey: string) => boolean): Promise<void> {
    const keys = (await this.#journal.streams()).filter((key) => !isHeld(key));
    const unheld = new Set(keys);
    for (const key of this.#streams.keys()) if (!unheld.has(key)) this.#streams.delete(key);
    const news = keys.filter((key) => !this.#streams.has(key)).slice(0, JOURNALS_A_LOOK_MAX);
    for (const key of news) await this.#count(key);
    await this.#ledger.look(this.#streams.keys());
    this.#selections = await this.#lookAtSelections();
  }

  /** Another instance tells. */
  forget(): void {
    this.#streams.clear();
    this.#selections = [];
  }

  async #count(key: string): Promise<void> {
    this.#streams.set(key, undefined);
    try {
      const last = await this.#journal.last(key);
      if (last === undefined) return;
      this.#ledger.opened(key, last, ({ seq: _, ...losses }) => {
        if (this.#streams.has(key)) this.#streams.set(key, losses);
      });
    } catch (error) {
      this.#failed(key, error);
    }
  }

  async #lookAtSelections(): Promise<UnheldLoss[]> {
    const log = readObjectCoverage(this.#store);
    const found: UnheldLoss[] = [];
    for (const selection of await log.selections()) {
      const last = await log.last(selection);
      if (last === undefined || last.gaps.length === 0) continue;
      const accepted = (await acceptedGaps(this.#store, selection, last))?.gaps ?? 0;
      const name = nameOfSelection(selection);
      const losses = {
        ...{ gaps: last.gaps.length - accepted, voidedObjects: 0, deadLetters: 0 },
        acceptedRecords: accepted === 0 ? 0 : 1,
      };
      found.push({ key: name, name, losses });
    }
    return found;
  }
}
