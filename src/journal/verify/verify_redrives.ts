import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { JournalRecord } from "../../model/record.ts";
import type { Redrive } from "../../model/redrive.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { redriveFolder, redriveKey } from "../journal_keys.ts";
import { lettersIn } from "../letters/named_letters.ts";
import { readRedrive } from "../letters/object_redrives.ts";
import { readRawRecord, recordOf } from "../read_raw_record.ts";
import { judgeObject, type NamedObject } from "./verify_object.ts";
import type { Hole, VerifyOptions } from "./verify_options.ts";

const PAGE_KEYS = 10_000;
const REQUESTS_IN_FLIGHT_MAX = 16;

/** How many dead letters of a stream are rows by now, in how many objects, and what is missing of those. */
export interface RedriveVerdict {
  readonly redriven: number;
  readonly redrivenObjects: number;
  readonly holes: readonly Hole[];
}

const NOTHING: RedriveVerdict = { redriven: 0, redrivenObjects: 0, holes: [] };

/**
 * Looks whether the rows are there that redrives of a stream's dead letters have noted, each once. `named` is told each key
 * that a note names.
 */
export async function verifyRedrives(
  options: VerifyOptions,
  streamKey: string,
  named: (key: string) => void = () => {},
): Promise<RedriveVerdict> {
  const notes = [...await listNotes(options, streamKey)];
  const verdicts = await mapLimited(
    notes,
    REQUESTS_IN_FLIGHT_MAX,
    ([seq, numbers]) => verifyRecord(options, streamKey, seq, numbers, named),
  );
  return verdicts.reduce(sum, NOTHING);
}

function sum(a: RedriveVerdict, b: RedriveVerdict): RedriveVerdict {
  return {
    redriven: a.redriven + b.redriven,
    redrivenObjects: a.redrivenObjects + b.redrivenObjects,
    holes: [...a.holes, ...b.holes],
  };
}

/** The numbers of the notes that there are, by record. */
async function listNotes(
  { lake }: VerifyOptions,
  streamKey: string,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const notes = new Map<number, number[]>();
  let startAfter: string | undefined;
  for (;;) {
    const page = await lake.list(redriveFolder(streamKey), {
      limit: PAGE_KEYS,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    for (const key of page) {
      const match = /(\d{16})-(\d{4,})\.json$/.exec(key);
      // Something that no program of ours has put there.
      if (match === null) continue;
      const seq = Number(match[1]);
      notes.set(seq, [...notes.get(seq) ?? [], Number(match[2])]);
    }
    startAfter = page.at(-1);
    if (page.length < PAGE_KEYS) return notes;
  }
}

/** All notes of a record's dead letters. */
async function verifyRecord(
  options: VerifyOptions,
  streamKey: string,
  seq: number,
  numbers: readonly number[],
  named: (key: string) => void,
): Promise<RedriveVerdict> {
  const record = recordOf(await readRawRecord(options.lake, streamKey, seq));
  const { sinceSeconds = 0 } = options;
  if (record !== undefined && record.to.operationTime.t < sinceSeconds) return NOTHING;
  const [redrives, holes] = await readNotes(options, streamKey, seq, numbers);
  // Those of another journal, from before this one: their objects are judged as others that nothing names.
  const own = redrives.filter(({ recordId }) => record === undefined || recordId === record.id);
  for (const { objects } of own) objects.forEach(({ key }) => named(key));
  // Without the record nothing says of which range the events are, and that it is missing is a hole already.
  if (record === undefined) return { ...NOTHING, holes };
  let verdict: RedriveVerdict = { ...NOTHING, holes: [...holes, ...doubles(own, record)] };
  for (const redrive of own) verdict = sum(verdict, await judge(options, redrive, record));
  return verdict;
}

async function readNotes(
  { lake }: VerifyOptions,
  streamKey: string,
  seq: number,
  numbers: readonly number[],
): Promise<[Redrive[], Hole[]]> {
  const redrives: Redrive[] = [];
  const holes: Hole[] = [];
  const last = Math.max(...numbers);
  // Who redrives looks for the next number: behind one that is missing it would do all of it again.
  if (last >= numbers.length) {
    holes.push({ seq, what: `of its notes of redrives up to number ${last} not all are there` });
  }
  for (const number of numbers) {
    const key = redriveKey(streamKey, seq, number);
    try {
      const bytes = await lake.get(key);
      if (bytes !== undefined) redrives.push(readRedrive(bytes, key));
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      holes.push({ seq, what: errorMessage(error) });
    }
  }
  return [redrives, holes];
}

/** Rows that are there twice: of events in two notes, or of events that were rows from the first. */
function doubles(redrives: readonly Redrive[], record: JournalRecord): Hole[] {
  const left = new Set(lettersIn(record).flatMap(({ events }) => events.map(({ data }) => data)));
  return redrives.flatMap(({ objects }) => objects).flatMap(({ key, events }): Hole[] => {
    const twice = events.filter((data) => !left.delete(data)).length;
    if (twice === 0) return [];
    const rows = twice === 1 ? "1 of its rows is" : `${twice} of its rows are`;
    return [{ seq: record.seq, what: `${key}: ${rows} no dead letter, or there twice` }];
  });
}

async function judge(
  options: VerifyOptions,
  { objects }: Redrive,
  { seq, from, to }: JournalRecord,
): Promise<RedriveVerdict> {
  const holes: Hole[] = [];
  let [redriven, redrivenObjects] = [0, 0];
  for (const { key, rows, bytes } of objects) {
    // Whoever finishes a redrive may store other bytes of the same rows, as an old redo does: so it is looked at as that.
    const named: NamedObject = {
      ...{ key, seq, bytes, rows, from, to },
      kind: "object",
      version: 1,
      isUnfinished: false,
    };
    const verdict = await judgeObject(options, named);
    if (typeof verdict === "object") holes.push({ seq, what: `${key}: ${faultText(verdict)}` });
    else {
      redriven += rows;
      redrivenObjects++;
    }
  }
  return { redriven, redrivenObjects, holes };
}

function faultText({ fault, isMissing }: { fault: string; isMissing?: boolean }): string {
  return isMissing === true
    ? "a redrive of dead letters was not finished; give `tributary dead-letters redrive` again"
    : fault;
}
