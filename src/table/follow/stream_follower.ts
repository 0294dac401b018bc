import { PermanentError } from "../../model/errors.ts";
import type { JournalRecord } from "../../model/record.ts";
import type { StreamSettings } from "../../model/settings.ts";
import type { Journal, LakeStore } from "../../pipeline/ports.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { needRecord, settingsIn } from "./record_settings.ts";
import {
  type Corrections,
  correctionsIn,
  durableThrough,
  objectsOf,
  type RecordSteps,
  stepsOf,
} from "./table_steps.ts";

/** Records of one stream that are held at once. */
const ROUND_RECORDS_MAX = 128;

const READS_IN_FLIGHT_MAX = 16;
const HEADS_IN_FLIGHT_MAX = 16;

/** What following needs of a lake. */
export interface FollowedLake {
  readonly journal: Pick<Journal, "read">;
  /** Where objects lie. */
  readonly objects: Pick<LakeStore, "head">;
}

/** What some records of a stream mean for tables. */
export interface Round {
  readonly lake: string;
  readonly steps: readonly (RecordSteps & { readonly seq: number; readonly recordId: string })[];
  /** Nothing is left that is known to be there. */
  readonly isEnd: boolean;
  /** The stream has ended, and all of it is in this round or was in earlier ones. */
  readonly isClosed: boolean;
  readonly through: StreamPlace;
}

/** Everything up to this record is in all tables. */
export interface StreamPlace {
  readonly seq: number;
  readonly id: string;
}

/**
 * Reads one journal from a place on. A record is taken when its objects are there, in the order of the journal, and none
 * behind one that waits.
 */
export class StreamFollower {
  readonly key: string;
  readonly #lake: FollowedLake;
  #place: StreamPlace | undefined;
  /** Records behind the place that have been read. */
  #read: JournalRecord[] = [];
  #genesis: string | undefined;
  #settings: { readonly seq: number; readonly settings: StreamSettings } | undefined;

  constructor(lake: FollowedLake, key: string, place?: StreamPlace) {
    this.key = key;
    this.#lake = lake;
    this.#place = place;
  }

  get place(): StreamPlace | undefined {
    return this.#place;
  }

  /** Whether the journal still has the record up to which it was read. */
  async isSame(): Promise<boolean> {
    if (this.#place === undefined) return true;
    const record = await this.#lake.journal.read(this.key, this.#place.seq);
    return record?.id === this.#place.id;
  }

  /** Begins anew. */
  reset(): void {
    this.#place = undefined;
    this.#read = [];
  }

  /** The next records that can be taken; undefined where there is nothing. The same again until `accept`. */
  async next(): Promise<Round | undefined> {
    const isAll = await this.#readOn();
    const corrections = correctionsIn(this.#read);
    const sizes = new Map(corrections.remade);
    const taken = await this.#takeable({ ...corrections, remade: sizes }, isAll, sizes);
    const last = taken.at(-1);
    if (last === undefined) return undefined;
    const steps = [];
    for (const record of taken) {
      const settings = await this.#settingsOf(record);
      const takenBefore = this.#place?.seq ?? -1;
      const made = stepsOf(record, settings, { ...corrections, remade: sizes }, takenBefore);
      steps.push({ ...made, seq: record.seq, recordId: record.id });
    }
    return {
      lake: await this.#lakeId(),
      steps,
      isEnd: isAll,
      isClosed: last.kind === "closed",
      through: { seq: last.seq, id: last.id },
    };
  }

  /** What `next` gave is in all tables. */
  accept({ through }: Round): void {
    this.#place = through;
    this.#read = this.#read.filter(({ seq }) => seq > through.seq);
  }

  /** Reads until enough records are held or there are no more; answers which. */
  async #readOn(): Promise<boolean> {
    for (
      let ahead = 1;
      this.#read.length < ROUND_RECORDS_MAX;
      ahead = Math.min(ahead * 2, READS_IN_FLIGHT_MAX)
    ) {
      const first = (this.#read.at(-1)?.seq ?? this.#place?.seq ?? -1) + 1;
      const seqs = Array.from({ length: ahead }, (_, i) => first + i);
      const read = await mapLimited(
        seqs,
        READS_IN_FLIGHT_MAX,
        (seq) => this.#lake.journal.read(this.key, seq),
      );
      const missing = read.indexOf(undefined);
      const found = missing === -1 ? read : read.slice(0, missing);
      this.#read.push(...found as JournalRecord[]);
      if (missing !== -1) return true;
    }
    return false;
  }

  /** The records whose objects are there. */
  async #takeable(
    corrections: Corrections,
    isAll: boolean,
    sizes: Map<string, number>,
  ): Promise<JournalRecord[]> {
    const through = durableThrough(this.#read);
    const taken: JournalRecord[] = [];
    for (const record of this.#read) {
      const isTold = record.seq <= through;
      // What corrects it may lie behind what was read.
      if (!isTold && !isAll) break;
      // Version 1 does not tell what a redo has made otherwise.
      if (isTold && record.v > 1) taken.push(record);
      else if (await this.#areThere(record, corrections, sizes) || isTold) taken.push(record);
      else break;
    }
    return taken;
  }

  async #areThere(
    record: JournalRecord,
    corrections: Corrections,
    sizes: Map<string, number>,
  ): Promise<boolean> {
    const objects = objectsOf(record, corrections);
    const found = await mapLimited(
      objects,
      HEADS_IN_FLIGHT_MAX,
      ({ key }) => this.#lake.objects.head(key),
    );
    // Of a chunk whose object is otherwise nobody can say yet whether it counts.
    const mayDiffer = !("chunk" in record);
    for (const [i, { key, bytes }] of objects.entries()) {
      const stored = found[i];
      if (stored === undefined) return false;
      if (stored.bytes === bytes) continue;
      if (!mayDiffer) return false;
      sizes.set(key, stored.bytes);
    }
    return true;
  }

  async #settingsOf({ settingsSeq }: JournalRecord): Promise<StreamSettings> {
    if (this.#settings?.seq === settingsSeq) return this.#settings.settings;
    const known = this.#read.find(({ seq }) => seq === settingsSeq);
    const record = known ?? await this.#need(settingsSeq);
    const settings = settingsIn(record, this.key);
    this.#settings = { seq: settingsSeq, settings };
    return settings;
  }

  async #lakeId(): Promise<string> {
    if (this.#genesis !== undefined) return this.#genesis;
    const record = await this.#need(0);
    if (record.kind !== "genesis") {
      throw new PermanentError(
        `Cannot follow the stream ${this.key}: its first record is a ${record.kind}`,
      );
    }
    return this.#genesis = record.lake;
  }

  #need(seq: number): Promise<JournalRecord> {
    return needRecord(this.#lake.journal, this.key, seq);
  }
}
