import { errorMessage } from "../model/errors.ts";
import { formatClusterTime } from "../model/cluster_time.ts";
import { samePosition } from "../model/position.ts";
import type { BatchRecord, JournalRecord, ObjectEntry } from "../model/record.ts";
import type { Destination, Journal } from "../pipeline/stages.ts";
import { type Clock, sleep } from "../support/clock.ts";
import { mapLimited } from "../support/limited.ts";
import { extendTip, isTipDue, readTip, type Tip, tipDifferences } from "./tips.ts";

/** Requests under way at once. */
const REQUESTS_IN_FLIGHT_MAX = 64;

/** Records held in memory at once. */
const RECORDS_A_STEP = 256;

/** A living writer stores what its last records name within this time. */
const UNFINISHED_WAIT_MS = 10_000;
const UNFINISHED_POLL_MS = 500;

/** What `verify` needs of the lake. */
export interface VerifyOptions {
  readonly journal: Journal;
  readonly destination: Destination;
  /** The rows in the object with this key, counted from its content. */
  readonly countRows: (key: string) => Promise<number>;
  readonly clock: Clock;
  /** Seconds since 1970: records that end before are taken as verified. */
  readonly sinceSeconds?: number;
}

/** What is wrong at one place of a journal. */
export interface Hole {
  readonly seq: number;
  readonly what: string;
}

/** What was found in one stream's journal. */
export interface StreamReport {
  readonly stream: string;
  readonly records: number;
  readonly objects: number;
  readonly rows: number;
  readonly deadLetters: number;
  readonly holes: readonly Hole[];
}

/**
 * Walks a stream's journal: each record goes on where the one before ended, every object is there with as many rows as
 * recorded, gaps and objects given up are named. A hole for everything else; none means that the lake is whole.
 */
export async function verifyStream(
  options: VerifyOptions,
  streamKey: string,
): Promise<StreamReport> {
  const { journal } = options;
  const last = await journal.last(streamKey);
  const walk = new Walk(options, streamKey, last);
  if (last === undefined) {
    walk.hole(0, "the first record is missing");
    return walk.report();
  }
  const first = await firstSeq(options, streamKey, last);
  for (let seq = first; seq <= last.seq; seq += RECORDS_A_STEP) {
    const count = Math.min(RECORDS_A_STEP, last.seq - seq + 1);
    const seqs = Array.from({ length: count }, (_, i) => seq + i);
    const records = await mapLimited(
      seqs,
      REQUESTS_IN_FLIGHT_MAX,
      (s) => readRecord(journal, streamKey, s),
    );
    for (const [i, record] of records.entries()) await walk.visit(seqs[i]!, record);
    await walk.checkObjects();
  }
  return walk.report();
}

/** A record, or why it cannot be read. */
type Visited = JournalRecord | { readonly fault: string };

async function readRecord(journal: Journal, streamKey: string, seq: number): Promise<Visited> {
  try {
    return await journal.read(streamKey, seq) ?? { fault: "the record is missing" };
  } catch (error) {
    return { fault: errorMessage(error) };
  }
}

/** The first record that reaches past `since`; times only grow along a journal. */
async function firstSeq(
  { journal, sinceSeconds }: VerifyOptions,
  streamKey: string,
  last: JournalRecord,
): Promise<number> {
  if (sinceSeconds === undefined) return 0;
  let [low, high] = [0, last.seq];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const record = await journal.read(streamKey, middle);
    if (record !== undefined && record.to.operationTime.t < sinceSeconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Named {
  readonly record: BatchRecord;
  readonly key: string;
  /** Absent for dead letters. */
  readonly entry?: ObjectEntry;
}

class Walk {
  readonly #options: VerifyOptions;
  readonly #streamKey: string;
  readonly #last: JournalRecord | undefined;
  readonly #holes: Hole[] = [];
  /** Objects that are not as recorded, until a `void` record is seen to say so. */
  readonly #wrong = new Map<string, Hole>();
  #named: Named[] = [];
  #before: Visited | undefined;
  #tip: Tip | undefined;
  #records = 0;
  #objects = 0;
  #rows = 0;
  #deadLetters = 0;

  constructor(options: VerifyOptions, streamKey: string, last: JournalRecord | undefined) {
    this.#options = options;
    this.#streamKey = streamKey;
    this.#last = last;
  }

  hole(seq: number, what: string): void {
    this.#holes.push({ seq, what });
  }

  report(): StreamReport {
    const holes = [...this.#holes, ...this.#wrong.values()].sort((a, b) => a.seq - b.seq);
    return {
      stream: this.#streamKey,
      records: this.#records,
      objects: this.#objects,
      rows: this.#rows,
      deadLetters: this.#deadLetters,
      holes,
    };
  }

  async visit(seq: number, record: Visited): Promise<void> {
    this.#records++;
    this.#checkChain(seq, record);
    this.#before = record;
    if ("fault" in record) return;
    await this.#checkTip(record);
    switch (record.kind) {
      case "batch":
        this.#named.push(...record.objects.map((entry) => ({ record, key: entry.key, entry })));
        this.#named.push(...record.deadLetters.map(({ key }) => ({ record, key })));
        for (const letter of record.deadLetters) this.#deadLetters += letter.events.length;
        return;
      case "gap":
        return this.hole(
          seq,
          `events between ${time(record.from)} and ${
            time(record.to)
          } were not read: ${record.reason}`,
        );
      case "void":
        return this.#visitVoid(seq, record);
      default:
        return;
    }
  }

  /** Looks at the objects of the records visited since the last call. */
  async checkObjects(): Promise<void> {
    const named = this.#named;
    this.#named = [];
    const faults = await mapLimited(
      named,
      REQUESTS_IN_FLIGHT_MAX,
      (each) => this.#checkObject(each),
    );
    for (const [i, what] of faults.entries()) {
      const { record, key, entry } = named[i]!;
      if (what !== undefined) {
        this.#wrong.set(key, { seq: record.seq, what: `${key}: ${what}` });
      } else if (entry !== undefined) {
        this.#objects++;
        this.#rows += entry.rows;
      }
    }
  }

  #checkChain(seq: number, record: Visited): void {
    if ("fault" in record) return this.hole(seq, record.fault);
    if (record.seq !== seq) return this.hole(seq, `the record says it is number ${record.seq}`);
    if (seq === 0 && record.kind !== "genesis") {
      this.hole(seq, `the first record is ${record.kind}`);
    }
    if (seq > 0 && record.kind === "genesis") this.hole(seq, "a genesis stands inside the journal");
    const before = this.#before;
    if (before === undefined || "fault" in before || samePosition(before.to, record.from)) return;
    this.hole(
      seq,
      `it begins at ${time(record.from)}, the record before ends at ${time(before.to)}`,
    );
  }

  async #checkTip(record: JournalRecord): Promise<void> {
    // The chain can be followed from the genesis, or from a stored tip, up to the first record that is missing.
    const isNext = record.seq === (this.#tip === undefined ? 0 : this.#tip.seq + 1);
    this.#tip = isNext ? extendTip(this.#tip, record) : undefined;
    if (!isTipDue(record.seq)) return;
    const stored = await readTip(this.#options.destination, this.#streamKey, record.seq);
    if (stored === undefined) return;
    if (this.#tip === undefined) {
      this.#tip = stored;
      return;
    }
    const fields = tipDifferences(this.#tip, stored);
    if (fields.length > 0) {
      this.hole(
        record.seq,
        `records changed since its tip was written: ${fields.join(", ")} differ`,
      );
    }
  }

  async #visitVoid(seq: number, record: Extract<JournalRecord, { kind: "void" }>): Promise<void> {
    await this.checkObjects();
    for (const { key, rows } of record.objects) {
      this.#wrong.delete(key);
      this.hole(seq, `${key}: given up with ${rows} rows: ${record.reason}`);
    }
  }

  /** What is wrong with an object, or undefined. */
  async #checkObject(named: Named): Promise<string | undefined> {
    const { destination } = this.#options;
    const { record, key, entry } = named;
    const isUnfinished = this.#last !== undefined && record.seq > this.#last.durableThrough;
    if (await destination.head(key) === undefined && !(isUnfinished && await this.#appears(key))) {
      return isUnfinished
        ? "not stored yet; the next run of the pipeline makes it"
        : "the object is missing";
    }
    if (entry === undefined) return undefined;
    try {
      const rows = await this.#options.countRows(key);
      return rows === entry.rows ? undefined : `${rows} rows, ${entry.rows} were recorded`;
    } catch (error) {
      return errorMessage(error);
    }
  }

  /** Whether a writer that is at work brings the object within a moment. */
  async #appears(key: string): Promise<boolean> {
    const { destination, clock } = this.#options;
    const untilMs = clock.monotonicMs() + UNFINISHED_WAIT_MS;
    while (clock.monotonicMs() < untilMs) {
      await sleep(clock, UNFINISHED_POLL_MS);
      if (await destination.head(key) !== undefined) return true;
    }
    return false;
  }
}

function time(position: JournalRecord["to"]): string {
  return formatClusterTime(position.operationTime);
}
