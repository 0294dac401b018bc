import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { JournalRecord } from "../../model/record.ts";
import type { Redrive } from "../../model/redrive.ts";
import { mapLimited } from "../../support/limited.ts";
import { redriveFolder } from "../journal_keys.ts";
import { readRedrive } from "../letters/object_redrives.ts";
import { readRawRecord } from "../read_raw_record.ts";
import { judgeObject, type NamedObject } from "./verify_object.ts";
import type { Hole, VerifyOptions } from "./verify_options.ts";

const PAGE_KEYS = 10_000;
const REQUESTS_IN_FLIGHT_MAX = 16;

/** How many dead letters of a stream are rows by now, and what is missing of those. */
export interface RedriveVerdict {
  readonly redriven: number;
  readonly holes: readonly Hole[];
}

/** Looks whether the rows are there that redrives of a stream's dead letters have noted. */
export async function verifyRedrives(
  options: VerifyOptions,
  streamKey: string,
): Promise<RedriveVerdict> {
  const keys = await listKeys(options, streamKey);
  const verdicts = await mapLimited(
    keys,
    REQUESTS_IN_FLIGHT_MAX,
    (key) => verifyRedrive(options, streamKey, key),
  );
  return {
    redriven: verdicts.reduce((sum, each) => sum + each.redriven, 0),
    holes: verdicts.flatMap(({ holes }) => holes),
  };
}

async function listKeys({ lake }: VerifyOptions, streamKey: string): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const startAfter = keys.at(-1);
    const page = await lake.list(redriveFolder(streamKey), {
      limit: PAGE_KEYS,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    keys.push(...page);
    if (page.length < PAGE_KEYS) return keys;
  }
}

async function verifyRedrive(
  options: VerifyOptions,
  streamKey: string,
  key: string,
): Promise<RedriveVerdict> {
  const seq = Number(/(\d{16})-\d{4,}\.json$/.exec(key)?.[1] ?? NaN);
  // Something that no program of ours has put there.
  if (Number.isNaN(seq)) return { redriven: 0, holes: [] };
  const read = await readRawRecord(options.lake, streamKey, seq);
  const record = read === "missing" || "fault" in read ? undefined : read.record;
  const { sinceSeconds = 0 } = options;
  if (record !== undefined && record.to.operationTime.t < sinceSeconds) {
    return { redriven: 0, holes: [] };
  }
  try {
    const bytes = await options.lake.get(key);
    if (bytes === undefined) return { redriven: 0, holes: [] };
    return await judge(options, readRedrive(bytes, key), record);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return { redriven: 0, holes: [{ seq, what: errorMessage(error) }] };
  }
}

async function judge(
  options: VerifyOptions,
  { seq, objects }: Redrive,
  record: JournalRecord | undefined,
): Promise<RedriveVerdict> {
  const holes: Hole[] = [];
  let redriven = 0;
  for (const { key, rows, bytes } of objects) {
    redriven += rows;
    // Without the record nothing says of which range the events are, and that it is missing is a hole already.
    if (record === undefined) continue;
    const { from, to } = record;
    // Whoever finishes a redrive may store other bytes of the same rows, as an old redo does: so it is looked at as that.
    const named: NamedObject = {
      ...{ key, seq, bytes, rows, from, to },
      kind: "object",
      version: 1,
      isUnfinished: false,
    };
    const verdict = await judgeObject(options, named);
    if (typeof verdict === "object") holes.push({ seq, what: `${key}: ${faultText(verdict)}` });
  }
  return { redriven, holes };
}

function faultText({ fault, isMissing }: { fault: string; isMissing?: boolean }): string {
  return isMissing === true
    ? "a redrive of dead letters was not finished; give `tributary dead-letters redrive` again"
    : fault;
}
