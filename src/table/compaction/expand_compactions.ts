import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { LakeStore } from "../../pipeline/ports.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { HeldFile } from "../table_log.ts";
import { idOfOutput, readCompaction, type RecordStore } from "./compaction_record.ts";

const READS_IN_FLIGHT_MAX = 16;

export interface ExpansionParts {
  readonly records: Pick<RecordStore, "get">;
  /** Where objects lie. */
  readonly objects: Pick<LakeStore, "head">;
}

/** What the files of a table stand for: the objects that journals name, and what is wrong with those that were joined. */
export interface Expansion {
  readonly held: readonly HeldFile[];
  readonly faults: readonly string[];
}

/** Puts what was joined in the place of what it was joined to. */
export async function expandCompactions(
  files: readonly HeldFile[],
  folder: string,
  parts: ExpansionParts,
): Promise<Expansion> {
  const all = await mapLimited(files, READS_IN_FLIGHT_MAX, (file) => expand(file, folder, parts));
  return { held: all.flatMap(({ held }) => held), faults: all.flatMap(({ faults }) => faults) };
}

async function expand(
  file: HeldFile,
  folder: string,
  { records, objects }: ExpansionParts,
): Promise<Expansion> {
  const id = idOfOutput(file.path);
  if (id === undefined) return { held: [file], faults: [] };
  const bad = (why: string, held: readonly HeldFile[] = []) => ({
    held,
    faults: [`${file.path}: ${why}`],
  });
  const record = await readCompaction(records, folder, id).catch((error: unknown) => {
    if (error instanceof PermanentError) return errorMessage(error);
    throw error;
  });
  if (typeof record === "string") return bad(record);
  if (record === undefined) return bad("no compaction names it");
  const { inputs, output: { bytes, rows } } = record;
  const stored = await objects.head(`${folder}/${file.path}`);
  if (stored === undefined) return bad("it is gone", inputs);
  if (stored.bytes !== bytes) {
    return bad(`it has ${stored.bytes} bytes, and its compaction says ${bytes}`, inputs);
  }
  if (file.bytes !== bytes || file.rows !== rows) {
    const ours = `${file.bytes} bytes and ${file.rows} rows`;
    return bad(`the table says ${ours}, and its compaction ${bytes} and ${rows}`, inputs);
  }
  const sum = inputs.reduce((rows, input) => rows + input.rows, 0);
  if (sum !== rows) return bad(`it has ${rows} rows, and what was joined ${sum}`, inputs);
  return { held: inputs, faults: [] };
}
