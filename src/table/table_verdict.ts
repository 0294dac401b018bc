import { appIdOf, type StreamMark } from "./stream_marks.ts";
import type { HeldFile, TableFile, TableLog } from "./table_log.ts";

/** What the journals say of an object of a table, and where. */
interface Told {
  readonly appId: string;
  readonly seq: number;
  /** Absent: it is void. */
  readonly file?: TableFile;
}

/** What the journals say of one table, by path. */
export type ToldFiles = Map<string, Told>;

/** A table that only remembers what it would have. */
export function rememberIn(told: ToldFiles): TableLog {
  return {
    look: () => Promise.resolve(undefined),
    commit(streams) {
      for (const { streamKey, lake, steps } of streams) {
        const appId = appIdOf(streamKey, lake);
        for (const { seq, files, gone } of steps) {
          for (const file of files) told.set(file.path, { appId, seq, file });
          for (const path of gone) told.set(path, { appId, seq });
        }
      }
      const done = { outcome: "complete", id: "", version: 0, commits: 0, conflicts: 0 } as const;
      return Promise.resolve(done);
    },
  };
}

/**
 * What is wrong with a table that was read before the journals were. What these say behind the places up to which the
 * table has come is not wrong: `waiting` objects are not in it yet.
 */
export function judgeTable(
  held: Iterable<HeldFile>,
  markOf: (appId: string) => StreamMark | undefined,
  told: ToldFiles,
): { readonly faults: readonly string[]; readonly waiting: number } {
  const isDue = ({ appId, seq }: Told) => (markOf(appId)?.seq ?? -1) >= seq;
  const faults: string[] = [];
  const paths = new Set<string>();
  for (const each of held) {
    if (paths.has(each.path)) faults.push(`${each.path}: its rows are there twice`);
    paths.add(each.path);
    const fault = faultOf(each, told.get(each.path), isDue);
    if (fault !== undefined) faults.push(`${each.path}: ${fault}`);
  }
  const absent = [...told].filter(([path, { file }]) => file !== undefined && !paths.has(path));
  const missing = absent.filter(([, each]) => isDue(each));
  if (missing.length > 0) {
    faults.push(`${missing.length} objects are not in it, as ${missing[0]![0]}`);
  }
  return { faults, waiting: absent.length - missing.length };
}

function faultOf(
  { bytes, rows }: HeldFile,
  told: Told | undefined,
  isDue: (told: Told) => boolean,
): string | undefined {
  if (told === undefined) return "no journal names it";
  const { file } = told;
  if (file === undefined) {
    return isDue(told) ? "it can never be made, and is not taken out" : undefined;
  }
  if (file.bytes !== bytes) return `it has ${file.bytes} bytes, and the table says ${bytes}`;
  return rows === file.rows ? undefined : `it has ${file.rows} rows, and the table says ${rows}`;
}
