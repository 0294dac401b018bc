import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { Journal, LakeStore } from "../../pipeline/ports.ts";
import { type Clock, isoTime } from "../../support/clock.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import {
  type CompactionRecord,
  outputPath,
  readCompaction,
  type RecordStore,
  unlessUnreadable,
} from "../compaction/compaction_record.ts";
import type { HeldFile, TableFile } from "../table_log.ts";
import type { TableStore } from "../table_store.ts";
import {
  type DeletionMark,
  type FoundDeletions,
  listDeletions,
  putDeleted,
  putDeletionMark,
  readDeletionMark,
} from "./deletion_mark.ts";
import { type NoteStore, readNamedNote, writeNamedNote } from "./named_note.ts";
import { areSame, isNamedByAll, namingFault, type NamingTable } from "./naming_tables.ts";
import { unsettledFault } from "./settled_inputs.ts";

/** Of so many compactions the inputs go after one look at the tables. */
const COMPACTIONS_A_LOOK_MAX = 20;

const DELETES_IN_FLIGHT_MAX = 16;
const READS_IN_FLIGHT_MAX = 16;

export interface DeletionParts {
  /** Where records of compactions lie. */
  readonly records: RecordStore & NoteStore;
  /** Where objects lie. */
  readonly objects: Pick<LakeStore, "head"> & Pick<TableStore, "remove">;
  readonly journal: Pick<Journal, "read" | "last">;
  /** All tables of a folder, of whatever format, as they are now. Throws `PermanentError` where there may be one that cannot be read. */
  readonly tablesIn: (folder: string) => Promise<readonly NamingTable[]>;
  /** The CRC-32 of an output that is what its inputs give, byte by byte. Throws `PermanentError` where it is not. */
  readonly compare: (
    folder: string,
    inputs: readonly HeldFile[],
    output: TableFile,
  ) => Promise<string>;
  readonly clock: Clock;
  /** How long no table must have named what goes. */
  readonly retentionMs: number;
}

/** What was done in one folder. */
export interface Deleted {
  readonly objects: number;
  readonly bytes: number;
  /** Whether all is done that can be. */
  readonly isAll: boolean;
  /** Why objects stay that were joined long ago. */
  readonly faults: readonly string[];
}

/**
 * Deletes objects of a folder that all of its tables have replaced for long enough. It may be done by any number at once, and be killed or
 * stopped for long anywhere. In any doubt nothing goes. `goesOn` is asked before each step but the first.
 */
export async function deleteJoined(
  parts: DeletionParts,
  folder: string,
  goesOn: () => boolean,
): Promise<Deleted> {
  const sum = { objects: 0, bytes: 0 };
  const faults: string[] = [];
  const found = await listDeletions(parts.records, folder);
  const open = found.compactions.filter((id) => !found.done.has(id));
  if (open.length === 0) return { ...sum, isAll: true, faults };
  const tables = await parts.tablesIn(folder);
  const due = await dueOf(parts, folder, tables, open);
  if (due.length === 0) return { ...sum, isAll: true, faults };
  const rivals = await inputsOfRivals(parts, folder, tables, found);
  for (let first = 0; first < due.length; first += COMPACTIONS_A_LOOK_MAX) {
    if (first > 0 && !goesOn()) return { ...sum, isAll: false, faults };
    const ids = due.slice(first, first + COMPACTIONS_A_LOOK_MAX);
    const marked: Marked[] = [];
    for (const id of ids) {
      const each = await unlessDoubtful(
        faults,
        () => markOf(parts, folder, { id, found, tables, rivals }),
      );
      if (each !== undefined) marked.push(each);
    }
    if (marked.length === 0) continue;
    const now = await parts.tablesIn(folder);
    if (!areSame(now, tables.map(({ id }) => id))) {
      faults.push(`The tables in "${folder}/" have just become others`);
      return { ...sum, isAll: true, faults };
    }
    const since = await listDeletions(parts.records, folder);
    const look = { tables: now, rivals: await inputsOfRivals(parts, folder, now, since) };
    for (const each of marked) {
      const inputs = await unlessDoubtful(faults, () => deleteInputs(parts, folder, each, look));
      for (const { bytes } of inputs ?? []) {
        sum.objects++;
        sum.bytes += bytes;
      }
    }
  }
  return { ...sum, isAll: true, faults };
}

/** A compaction whose inputs may go. */
interface Marked {
  readonly id: string;
  readonly record: CompactionRecord;
  readonly mark: DeletionMark;
}

/** The compactions that all tables have named for long enough; notes of the others that they do now. */
async function dueOf(
  { records, clock, retentionMs }: DeletionParts,
  folder: string,
  tables: readonly NamingTable[],
  open: readonly string[],
): Promise<readonly string[]> {
  const before = await readNamedNote(records, folder);
  const nowMs = Math.floor(clock.wallMs());
  const ids = tables.map(({ id }) => id);
  const isKnown = (id: string) => before[id] !== undefined && areSame(tables, before[id].tables);
  const named = open.filter((id) => isNamedByAll(tables, outputPath(id)));
  const note = Object.fromEntries(
    named.map((id) => [id, isKnown(id) ? before[id]! : { sinceMs: nowMs, tables: ids }]),
  );
  const isSame = Object.keys(before).length === named.length && named.every(isKnown);
  if (!isSame) await writeNamedNote(records, folder, note);
  return named.filter((id) => nowMs - note[id]!.sinceMs >= retentionMs);
}

/**
 * What was joined by compactions that are in no table, or not in all. A table that begins at this moment may choose one of these: then it
 * has objects beside it that another compaction has joined.
 */
async function inputsOfRivals(
  { records }: DeletionParts,
  folder: string,
  tables: readonly NamingTable[],
  { compactions, done }: FoundDeletions,
): Promise<ReadonlySet<string>> {
  const rivals = compactions.filter((id) => !done.has(id) && !isNamedByAll(tables, outputPath(id)));
  const found = await mapLimited(rivals, READS_IN_FLIGHT_MAX, async (id) => {
    // One that cannot be read no table chooses.
    const record = await unlessUnreadable(() => readCompaction(records, folder, id));
    return record?.inputs.map(({ path }) => path) ?? [];
  });
  return new Set(found.flat());
}

/** What is known of a folder at one moment. */
interface Look {
  readonly tables: readonly NamingTable[];
  /** What other compactions have joined as well. */
  readonly rivals: ReadonlySet<string>;
}

/** Why the inputs of a compaction must stay, whatever the journals say. */
function needFault({ tables, rivals }: Look, record: CompactionRecord): string | undefined {
  const shared = record.inputs.find(({ path }) => rivals.has(path));
  return namingFault(tables, record) ??
    (shared && `"${shared.path}" was joined by another compaction as well`);
}

/** Marks a compaction whose inputs can go. Throws `PermanentError` where they cannot. */
async function markOf(
  { records, journal, compare, clock }: DeletionParts,
  folder: string,
  { id, found, ...look }: Look & { readonly id: string; readonly found: FoundDeletions },
): Promise<Marked> {
  const record = await readCompaction(records, folder, id);
  if (record === undefined) throw staying(folder, id, "its record is gone");
  const { inputs, output } = record;
  const why = needFault(look, record) ?? await unsettledFault(journal, folder, inputs);
  if (why !== undefined) throw staying(folder, id, why);
  const before = found.begun.has(id) ? await readDeletionMark(records, folder, id) : undefined;
  if (before !== undefined) return { id, record, mark: before };
  const crc32 = await compare(folder, inputs, output);
  const at = isoTime(clock.wallMs());
  const mark = { v: 1 as const, at, output: { bytes: output.bytes, crc32 } };
  return { id, record, mark: await putDeletionMark(records, folder, id, mark) };
}

/** Answers what is gone. Throws `PermanentError` where nothing may go. */
async function deleteInputs(
  { records, objects, clock }: DeletionParts,
  folder: string,
  { id, record, mark }: Marked,
  look: Look,
): Promise<readonly HeldFile[]> {
  const { inputs, output } = record;
  const why = needFault(look, record) ?? outputFault(
    output,
    mark,
    await objects.head(`${folder}/${output.path}`),
  );
  if (why !== undefined) throw staying(folder, id, why);
  await mapLimited(inputs, DELETES_IN_FLIGHT_MAX, async ({ path }) => {
    await objects.remove(`${folder}/${path}`);
  });
  await putDeleted(records, folder, id, isoTime(clock.wallMs()));
  return inputs;
}

/** What is wrong with the output of a compaction whose inputs may be gone. */
export function outputFault(
  { path }: Pick<TableFile, "path">,
  { output: { bytes, crc32 } }: DeletionMark,
  stored: { readonly bytes: number; readonly crc32?: string } | undefined,
): string | undefined {
  if (stored === undefined) return `"${path}" is gone`;
  if (stored.bytes !== bytes) return `"${path}" has ${stored.bytes} bytes, and had ${bytes}`;
  if (stored.crc32 === undefined || stored.crc32 === crc32) return undefined;
  return `"${path}" has the checksum ${stored.crc32}, and had ${crc32}`;
}

async function unlessDoubtful<T>(
  faults: string[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    faults.push(errorMessage(error));
    return undefined;
  }
}

function staying(folder: string, id: string, why: string): PermanentError {
  return new PermanentError(
    `Objects of "${folder}/" that were joined as ${id} are not deleted: ${why}`,
  );
}
