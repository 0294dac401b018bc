import { type ObjectNameParts, readObjectName } from "../../model/keys/object_name.ts";
import type { JournalRecord } from "../../model/record.ts";
import type { LakeStore } from "../../pipeline/ports.ts";
import type { KeySet } from "../../support/bytes/key_set.ts";
import {
  DEAD_LETTER_FOLDER,
  JOURNAL_MARK,
  OWN_FOLDER,
  recordKey,
  streamFolder,
  STREAMS_FOLDER,
} from "../journal_keys.ts";
import { readRedrives } from "../letters/object_redrives.ts";
import { readRawRecord, recordOf } from "../read_raw_record.ts";
import { beginsBefore } from "./event_times.ts";
import { inspectLetters } from "./inspect_letters.ts";
import type { WalkedJournal } from "./verify.ts";
import type { InspectObject } from "./verify_options.ts";

/** Keys of one page: a folder is read once for each page, a bucket once for each thousand keys. */
const PAGE_KEYS = 50_000;

/** An object that no record names. */
export interface Orphan {
  readonly key: string;
  readonly stream: string;
  readonly seq: number;
  /**
   * `superfluous`: its journal covers the time of its events, so its rows are in other objects.
   * `tail`: the same or they will be, for its record is behind the journal's last one; that may have been lost.
   * `foreign`: no journal that is there can have named it, so that its rows may be nowhere else.
   */
  readonly kind: "superfluous" | "tail" | "foreign";
  readonly what: string;
}

/** What is compared with the listing. */
export interface ListingOptions {
  /** Where records are. */
  readonly lake: Pick<LakeStore, "get" | "head" | "list">;
  /** Where objects are, which is what is listed. */
  readonly destination: Pick<LakeStore, "get" | "head" | "list">;
  readonly inspect: InspectObject;
  /** All keys that the walked records, and the notes of redrives of their dead letters, name. */
  readonly named: Pick<KeySet, "has">;
  /** Journals that were walked, by stream key. */
  readonly journals: ReadonlyMap<string, WalkedJournal>;
  /** Whether objects of this stream are to be judged. */
  readonly isChosen: (streamKey: string) => boolean;
  /** Objects of records before those that were walked are left out. */
  readonly isSince: boolean;
  /** Where the objects of all chosen streams lie; empty, or ends with `/`. */
  readonly folder: string;
  /** Default: 50,000. */
  readonly pageKeys?: number;
}

/**
 * Lists everything below the prefix and finds the objects and dead letters of ours that no record names. Only file names
 * decide: folders come from settings, also from earlier ones. What does not look like ours, and other lakes below the
 * same prefix, are left alone. A record is appended before its objects are put, so a journal is asked again before an
 * object counts as an orphan: a writer at work makes none.
 */
export async function* findOrphans(options: ListingOptions): AsyncGenerator<Orphan> {
  const finder = new OrphanFinder(options);
  const { folder } = options;
  if (folder !== "") yield* finder.search(folder, undefined, undefined, isData);
  else {
    yield* finder.search("", undefined, OWN_FOLDER, isData);
    yield* finder.search("", pastFolder(OWN_FOLDER), undefined, isData);
  }
  yield* finder.search(DEAD_LETTER_FOLDER, undefined, undefined, isLetter);
}

/** What sorts behind everything in a folder, and before everything else that does. */
function pastFolder(folder: string): string {
  return folder.slice(0, -1) + "0";
}

function isData(key: string): boolean {
  return !key.endsWith(".bson");
}

function isLetter(key: string): boolean {
  return key.endsWith(".bson");
}

class OrphanFinder {
  readonly #options: ListingOptions;
  /** Whether a folder holds a lake of its own. */
  readonly #lakes = new Map<string, boolean>();
  #record:
    | { readonly stream: string; readonly seq: number; readonly record?: JournalRecord }
    | undefined;
  readonly #hasJournal = new Map<string, boolean>();

  constructor(options: ListingOptions) {
    this.#options = options;
  }

  /** The orphans among the keys with the prefix, after `after` and before `before`. */
  async *search(
    prefix: string,
    after: string | undefined,
    before: string | undefined,
    isWanted: (key: string) => boolean,
  ): AsyncGenerator<Orphan> {
    const { pageKeys = PAGE_KEYS } = this.#options;
    let startAfter = after;
    for (;;) {
      const page = await this.#options.destination.list(prefix, {
        limit: pageKeys,
        ...(startAfter === undefined ? {} : { startAfter }),
      });
      let inner: string | undefined;
      for (const key of page) {
        // Such keys are ASCII up to where they differ, so texts compare as their bytes do.
        if (before !== undefined && key >= before) return;
        if (inner !== undefined && key.startsWith(inner)) continue;
        const name = isWanted(key) ? readObjectName(key) : undefined;
        if (name === undefined || !this.#isCandidate(key, name)) continue;
        inner = await this.#innerLake(key);
        if (inner === undefined) {
          const orphan = await this.#judge(key, name);
          if (orphan !== undefined) yield orphan;
        }
      }
      const last = page.at(-1);
      if (last === undefined || page.length < pageKeys) return;
      startAfter = inner !== undefined && last.startsWith(inner) ? pastFolder(inner) : last;
    }
  }

  #isCandidate(key: string, { streamKey, seq }: ObjectNameParts): boolean {
    const { named, journals, isChosen, isSince } = this.#options;
    if (named.has(key) || !isChosen(streamKey)) return false;
    const walked = journals.get(streamKey)?.walked;
    return !isSince || walked === undefined || seq >= walked.first;
  }

  /** The folder, with its `/`, that the key lies in and that is a lake of its own, below this one. */
  async #innerLake(key: string): Promise<string | undefined> {
    for (let at = key.indexOf("/"); at !== -1; at = key.indexOf("/", at + 1)) {
      const folder = key.slice(0, at);
      if (folder === OWN_FOLDER.slice(0, -1)) return undefined;
      let isLake = this.#lakes.get(folder);
      if (isLake === undefined) {
        const { destination } = this.#options;
        const records = `${folder}/${STREAMS_FOLDER}`;
        isLake = (await destination.list(records, { limit: 1 })).length > 0 ||
          await destination.head(`${folder}/${JOURNAL_MARK}`) !== undefined;
        this.#lakes.set(folder, isLake);
      }
      if (isLake) return `${folder}/`;
    }
    return undefined;
  }

  async #judge(key: string, name: ObjectNameParts): Promise<Orphan | undefined> {
    const { streamKey: stream, seq } = name;
    const record = await this.#read(stream, seq);
    if (record !== undefined && names(record, key)) return undefined;
    const redriven = name.isRedriven ? await this.#judgeRedriven(key, name, record) : "stray";
    if (redriven === "named") return undefined;
    const foreign = (why: string): Orphan => ({
      key,
      stream,
      seq,
      kind: "foreign",
      what: name.isRedriven
        ? `no note of a redrive names it: ${why}`
        : `no record names it: ${why}`,
    });
    if (redriven === "lost note") return foreign("the note of its redrive is missing");
    const journal = this.#options.journals.get(stream);
    if (journal?.walked === undefined) {
      if (journal === undefined && await this.#exists(stream)) return foreign("its journal is new");
      return foreign("its stream has no journal");
    }
    const last = journal.walked.last;
    const isTail = seq > last;
    if (!isTail && record === undefined) return foreign(`record ${seq} is missing`);
    // The journal knows what lies in its own time, and reads on from its end; anything else may be nowhere else.
    const uncovered = await this.#whyUncovered(key, journal);
    if (uncovered !== undefined) return foreign(uncovered);
    return isTail
      ? { ...foreign(`the journal ends at record ${last}`), kind: "tail" }
      : { ...foreign("its rows are there twice or belong to another lake"), kind: "superfluous" };
  }

  /**
   * What was made of dead letters is named by notes, which are asked again: somebody may be at it. Where a note of this
   * record's redrives is gone, its rows are in no other object.
   */
  async #judgeRedriven(
    key: string,
    { streamKey, seq, mark, index }: ObjectNameParts,
    record: JournalRecord | undefined,
  ): Promise<"named" | "lost note" | "stray"> {
    if (record === undefined || !record.id.replaceAll("-", "").startsWith(mark)) return "stray";
    const redrives = await readRedrives(this.#options.lake, streamKey, seq);
    const own = redrives.filter(({ recordId }) => recordId === record.id);
    const keys = own.flatMap(({ objects }) => objects.map((each) => each.key));
    if (keys.includes(key)) return "named";
    return record.kind === "batch" && record.deadLetters.length > 0 && index >= keys.length
      ? "lost note"
      : "stray";
  }

  /** Why the journal may not have the events of an object; undefined if it has them, or will read them. */
  async #whyUncovered(key: string, journal: WalkedJournal): Promise<string | undefined> {
    const { destination, inspect } = this.#options;
    if (journal.begin === undefined) return "the journal has lost its beginning";
    const stored = await destination.head(key);
    if (stored === undefined) return "it was there just now";
    const { times, fault } = key.endsWith(".bson")
      ? await inspectLetters(destination, key)
      : await inspect(key, stored.bytes, "everything");
    if (times === undefined) return fault ?? "it has no events";
    const [first, last] = [times.firstMs / 1000, times.lastMs / 1000];
    if (beginsBefore(times, journal.begin)) return "it is older than the journal of its stream";
    const gap = journal.gaps.find(({ from, to }) => first <= to && last >= from);
    return gap === undefined ? undefined : "its events are of a time that the journal left out";
  }

  /** One record is held: the objects of a record mostly lie beside each other. */
  async #read(stream: string, seq: number): Promise<JournalRecord | undefined> {
    if (this.#record?.stream !== stream || this.#record.seq !== seq) {
      const record = recordOf(await readRawRecord(this.#options.lake, stream, seq));
      this.#record = { stream, seq, ...(record === undefined ? {} : { record }) };
    }
    return this.#record.record;
  }

  async #exists(stream: string): Promise<boolean> {
    let exists = this.#hasJournal.get(stream);
    if (exists === undefined) {
      const { lake } = this.#options;
      exists = await lake.head(recordKey(stream, 0)) !== undefined ||
        (await lake.list(streamFolder(stream), { limit: 1 })).length > 0;
      this.#hasJournal.set(stream, exists);
    }
    return exists;
  }
}

function names(record: JournalRecord, key: string): boolean {
  return record.kind === "batch" &&
    (record.objects.some((entry) => entry.key === key) ||
      record.deadLetters.some((entry) => entry.key === key));
}
