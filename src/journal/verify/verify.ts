import { describeClusterTime } from "../../model/cluster_time.ts";
import { lossesOf } from "../../model/losses.ts";
import { samePosition } from "../../model/position.ts";
import {
  type BatchRecord,
  type JournalRecord,
  RANGE_CANCELLED,
  type RemadeEntry,
  type VoidRecord,
} from "../../model/record.ts";
import { sleep } from "../../support/clock.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { findJournalRange } from "../journal_range.ts";
import { type RawRecord, readRawRecord, recordOf } from "../read_raw_record.ts";
import { ObjectFolders } from "./object_folders.ts";
import {
  type Fault,
  judgeObject,
  type NamedObject,
  UNFINISHED_POLL_MS,
  UNFINISHED_WAIT_MS,
} from "./verify_object.ts";
import type { AcceptedHole, Hole, StreamReport, VerifyOptions } from "./verify_options.ts";
import { ChunkFollower } from "./verify_chunks.ts";
import { AcceptedRecords } from "./verify_accepted.ts";
import { TipFollower } from "./verify_tips.ts";

/** Requests under way at once. */
const REQUESTS_IN_FLIGHT_MAX = 64;

/** Records held in memory at once, and objects that they name. */
const RECORDS_A_STEP = 256;
const OBJECTS_HELD_MAX = 4096;

/** What a walk through a journal has come by, for those who compare it with other things. */
export interface WalkedJournal {
  readonly report: StreamReport;
  /** Of its genesis; absent where that is gone. */
  readonly lake?: string;
  /** Where its first event may be; absent as above. */
  readonly begin?: JournalRecord["to"];
  /** Where events were left out, in seconds of cluster time. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Acceptances that belong to nothing that is lost, in words. */
  readonly strays?: readonly string[];
  /** The records that were looked at, by number; none where the journal is empty. */
  readonly walked?: { readonly first: number; readonly last: number };
  /** Where the last record ends; absent where it cannot be read. */
  readonly end?: JournalRecord["to"];
  /** The folder that objects of this journal lie in, whenever they were made; empty, or ends with `/`. */
  readonly folder: string;
}

/**
 * Walks a stream's journal: each record goes on where the one before ended, every object is there as recorded, gaps and
 * objects given up are named. A hole for everything else. `named` is told each key that a record names.
 */
export async function walkJournal(
  options: VerifyOptions,
  streamKey: string,
  named: (key: string) => void = () => {},
): Promise<WalkedJournal> {
  const { lake } = options;
  const range = await findJournalRange(lake, streamKey);
  const read = (seq: number) => readRawRecord(lake, streamKey, seq);
  const last = range === undefined ? undefined : recordOf(await read(range.last));
  const accepted = await AcceptedRecords.read(lake, streamKey);
  const walk = new Walk(options, streamKey, last?.durableThrough, named, accepted);
  if (range === undefined) {
    walk.hole(0, "the journal has no record");
    return { report: walk.report(), gaps: [], folder: "", strays: accepted.strays(0) };
  }
  if (range.first > 0) {
    walk.hole(0, missingText(0, range.first - 1) + "; the journal has lost its beginning");
  }
  const first = await firstReaching(options.sinceSeconds, range, read);
  for (let seq = first; seq <= range.last; seq += RECORDS_A_STEP) {
    const count = Math.min(RECORDS_A_STEP, range.last - seq + 1);
    const seqs = Array.from({ length: count }, (_, i) => seq + i);
    const records = await mapLimited(seqs, REQUESTS_IN_FLIGHT_MAX, read);
    for (const [i, record] of records.entries()) await walk.visit(seqs[i]!, record);
    await walk.checkObjects();
  }
  await walk.followNotes(range.last + 1, read);
  const earlier = recordOf(await read(first))?.settingsSeq;
  const settings = earlier === undefined ? undefined : recordOf(await read(earlier));
  if (settings !== undefined) walk.folders.sawRecord(settings);
  const genesis = recordOf(await read(0));
  const found = {
    report: walk.report(),
    gaps: walk.gaps,
    strays: accepted.strays(first),
    walked: { first, last: range.last },
    ...(last === undefined ? {} : { end: last.to }),
  };
  if (genesis?.kind !== "genesis") return { ...found, folder: "" };
  return {
    ...found,
    lake: genesis.lake,
    begin: genesis.to,
    folder: walk.folders.common(genesis),
  };
}

/** As `walkJournal`, for those who want to know of the journal alone. */
export async function verifyStream(
  options: VerifyOptions,
  streamKey: string,
): Promise<StreamReport> {
  return (await walkJournal(options, streamKey)).report;
}

/** The first record that reaches past `since`; times only grow along a journal. */
async function firstReaching(
  sinceSeconds: number | undefined,
  { first, last }: { readonly first: number; readonly last: number },
  read: (seq: number) => Promise<RawRecord>,
): Promise<number> {
  if (sinceSeconds === undefined) return first;
  let [low, high] = [first, last];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const record = recordOf(await read(middle));
    if (record !== undefined && record.to.operationTime.t < sinceSeconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

class Walk {
  readonly #options: VerifyOptions;
  readonly #streamKey: string;
  readonly #named: (key: string) => void;
  readonly #tips: TipFollower;
  readonly folders = new ObjectFolders();
  readonly gaps: { readonly from: number; readonly to: number }[] = [];
  /** All objects of records up to here were there once; undefined where the last record cannot say. */
  readonly #durableThrough: number | undefined;
  readonly #holes: Hole[] = [];
  readonly #accepted: AcceptedRecords;
  readonly #acceptedHoles: AcceptedHole[] = [];
  readonly #chunks = new ChunkFollower();
  readonly #lettersIn: { readonly seq: number; readonly events: number }[] = [];
  /** Objects that are not as recorded, until a record is seen that says so. */
  readonly #wrong = new Map<string, { readonly object: NamedObject; readonly verdict: Fault }>();
  #unchecked: NamedObject[] = [];
  #before: JournalRecord | undefined;
  #missingFirst: number | undefined;
  #counts = { records: 0, objects: 0, rows: 0, deadLetters: 0, remadeUnnoted: 0 };

  constructor(
    options: VerifyOptions,
    streamKey: string,
    durableThrough: number | undefined,
    named: (key: string) => void,
    accepted: AcceptedRecords,
  ) {
    this.#accepted = accepted;
    this.#options = options;
    this.#streamKey = streamKey;
    this.#durableThrough = durableThrough;
    this.#named = named;
    this.#tips = new TipFollower(options.lake, streamKey);
  }

  hole(seq: number, what: string): void {
    this.#holes.push({ seq, what });
  }

  report(): StreamReport {
    const wrong = [...this.#wrong].map(([key, { object, verdict }]) => ({
      seq: object.seq,
      what: `${key}: ${verdict.fault}`,
    }));
    const holes = [...this.#holes, ...wrong].sort((a, b) => a.seq - b.seq);
    const { records, objects, rows, deadLetters, remadeUnnoted } = this.#counts;
    return {
      stream: this.#streamKey,
      records,
      objects,
      rows,
      deadLetters,
      remadeUnnoted,
      holes,
      ...(this.#acceptedHoles.length === 0 ? {} : { accepted: this.#acceptedHoles }),
      ...(this.#lettersIn.length === 0 ? {} : { lettersIn: this.#lettersIn }),
    };
  }

  async visit(seq: number, read: RawRecord): Promise<void> {
    if (read === "missing") {
      this.#missingFirst ??= seq;
      this.#before = undefined;
      return;
    }
    this.#endMissing(seq);
    this.#counts.records++;
    if ("fault" in read) {
      this.#before = undefined;
      return this.hole(seq, read.fault);
    }
    const { record, bytes } = read;
    this.#checkChain(seq, record);
    this.#before = record;
    this.folders.sawRecord(record);
    const contradiction = await this.#tips.follow(record, bytes);
    if (contradiction !== undefined) this.hole(seq, contradiction);
    await this.#visitKind(record);
  }

  /** Looks at the objects of the records visited since the last call. */
  async checkObjects(): Promise<void> {
    const objects = this.#unchecked;
    this.#unchecked = [];
    const judge = (object: NamedObject) => judgeObject(this.#options, object);
    const verdicts = await mapLimited(objects, REQUESTS_IN_FLIGHT_MAX, judge);
    for (const [i, verdict] of verdicts.entries()) {
      const object = objects[i]!;
      if (typeof verdict === "object") {
        this.#wrong.set(object.key, { object, verdict });
        continue;
      }
      if (verdict === "remade") this.#counts.remadeUnnoted++;
      if (object.kind !== "object") continue;
      this.#counts.objects++;
      this.#counts.rows += object.rows;
    }
  }

  /**
   * A redo may have stored other bytes since the end of the journal was looked for, and say so in a record behind it, or be
   * about to.
   */
  async followNotes(seq: number, read: (seq: number) => Promise<RawRecord>): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.monotonicMs() + UNFINISHED_WAIT_MS;
    for (let next = seq; this.#mayBeNoted();) {
      const record = recordOf(await read(next));
      if (record === undefined) {
        if (clock.monotonicMs() >= untilMs) return;
        await sleep(clock, UNFINISHED_POLL_MS);
        continue;
      }
      if (record.kind === "heartbeat" && record.remade !== undefined) {
        await this.#visitRemade(record.remade);
      }
      if (record.kind === "emptied") this.#chunks.emptied(record, this.#wrong);
      // Whoever appends a batch has finished what was there before, and has noted what is to be noted.
      if (record.kind === "batch") return;
      next++;
    }
  }

  /** Whether an object that no record says to be there yet is another than recorded. */
  #mayBeNoted(): boolean {
    return [...this.#wrong.values()].some(({ object, verdict }) =>
      object.isUnfinished && object.version > 1 && verdict.isMissing !== true
    );
  }

  /** A hole, unless somebody has accepted it. */
  #lose(record: JournalRecord, what: string): void {
    const accepted = this.#accepted.of(record);
    if (accepted === undefined) {
      this.#holes.push({ seq: record.seq, what, isLoss: true });
      return;
    }
    const { seq, reason, acceptedBy, acceptedAt } = accepted;
    this.#acceptedHoles.push({ seq, what, reason, acceptedBy, acceptedAt });
  }

  /** One hole for all records that are missing in a row. */
  #endMissing(seq: number): void {
    if (this.#missingFirst === undefined) return;
    this.hole(this.#missingFirst, missingText(this.#missingFirst, seq - 1));
    this.#missingFirst = undefined;
  }

  #checkChain(seq: number, record: JournalRecord): void {
    if (record.seq !== seq) return this.hole(seq, `the record says it is number ${record.seq}`);
    const before = this.#before;
    if (before === undefined || samePosition(before.to, record.from)) return;
    this.hole(
      seq,
      `it begins at ${time(record.from)}, the record before ends at ${time(before.to)}`,
    );
  }

  async #visitKind(record: JournalRecord): Promise<void> {
    switch (record.kind) {
      case "batch":
        this.#visitBatch(record);
        if (this.#unchecked.length >= OBJECTS_HELD_MAX) await this.checkObjects();
        return;
      case "heartbeat":
        if (record.remade !== undefined) await this.#visitRemade(record.remade);
        return;
      case "emptied":
        await this.checkObjects();
        this.#chunks.emptied(record, this.#wrong);
        return;
      case "closed":
        // What was cancelled does not say that it has all documents.
        if (record.reason === RANGE_CANCELLED) return;
        for (const { seq, what } of this.#chunks.open) this.hole(seq, what);
        return;
      case "gap":
        this.gaps.push({ from: record.from.operationTime.t, to: record.to.operationTime.t });
        return this.#lose(
          record,
          `events between ${time(record.from)} and ${
            time(record.to)
          } were not read: ${record.reason}`,
        );
      case "void":
        return await this.#visitVoid(record);
      default:
        return;
    }
  }

  #visitBatch(record: BatchRecord): void {
    this.#chunks.visit(record);
    const { seq, v: version, from, to } = record;
    const isUnfinished = this.#durableThrough !== undefined && seq > this.#durableThrough;
    const add = (
      entry: { readonly key: string; readonly bytes: number; readonly crc32?: string },
      what: Pick<NamedObject, "kind" | "rows">,
    ): void => {
      const { key, bytes, crc32 } = entry;
      const checksum = crc32 === undefined ? {} : { crc32 };
      this.#named(key);
      this.#unchecked.push({
        seq,
        version,
        from,
        to,
        isUnfinished,
        key,
        bytes,
        ...checksum,
        ...what,
      });
    };
    for (const entry of record.objects) this.folders.sawKey(entry.key);
    for (const entry of record.objects) add(entry, { kind: "object", rows: entry.rows });
    for (const entry of record.deadLetters) {
      add(entry, { kind: "dead letters", rows: entry.events.length });
      this.#counts.deadLetters += entry.events.length;
    }
    const { deadLetters: events } = lossesOf(record);
    if (events === 0) return;
    if (this.#accepted.of(record) === undefined) this.#lettersIn.push({ seq, events });
    else this.#lose(record, `${events} of its events are dead letters`);
  }

  /** What a redo stored otherwise counts in place of what the object's record says. */
  async #visitRemade(remade: readonly RemadeEntry[]): Promise<void> {
    await this.checkObjects();
    for (const { key, bytes, crc32 } of remade) {
      const object = this.#wrong.get(key)?.object;
      // As recorded after all, or of a record before those that are looked at.
      if (object === undefined) continue;
      this.#wrong.delete(key);
      this.#unchecked.push({ ...object, bytes, crc32, version: 2 });
    }
    await this.checkObjects();
  }

  async #visitVoid(record: VoidRecord): Promise<void> {
    const { objects, reason } = record;
    await this.checkObjects();
    for (const { key, rows } of objects) {
      this.#wrong.delete(key);
      this.#lose(record, `${key}: given up with ${rows} rows: ${reason}`);
    }
  }
}

function missingText(first: number, last: number): string {
  return first === last ? "the record is missing" : `the records ${first} to ${last} are missing`;
}

function time(position: JournalRecord["to"]): string {
  return describeClusterTime(position.operationTime);
}
