import { MADE_ANEW, tableFault, unreadableFault } from "../table_log.ts";
import type { Action } from "./actions.ts";
import { type DeltaStore, entryKey } from "./files.ts";
import { readAction } from "./read_action.ts";

/** The actions of one commit; undefined where there is no such commit. */
export async function readEntry(
  store: DeltaStore,
  folder: string,
  version: number,
): Promise<Action[] | undefined> {
  const bytes = await store.get(entryKey(folder, version));
  if (bytes === undefined) return undefined;
  try {
    const lines = new TextDecoder("utf-8", { fatal: true }).decode(bytes).split("\n");
    return lines.filter((line) => line.trim() !== "").map((line) => readAction(JSON.parse(line)));
  } catch (error) {
    throw unreadableFault(folder, `its log entry ${version}`, error);
  }
}

const READS_IN_FLIGHT_MAX = 16;

/** The actions of all commits between two, both included, which must be there. */
export async function* needEntries(
  store: DeltaStore,
  folder: string,
  first: number,
  last: number,
): AsyncGenerator<Action> {
  for (let next = first; next <= last; next += READS_IN_FLIGHT_MAX) {
    const count = Math.min(READS_IN_FLIGHT_MAX, last - next + 1);
    const versions = Array.from({ length: count }, (_, i) => next + i);
    const entries = versions.map((version) => needEntry(store, folder, version));
    for (const actions of await Promise.all(entries)) yield* actions;
  }
}

/** The actions of a commit that must be there. */
export async function needEntry(
  store: DeltaStore,
  folder: string,
  version: number,
): Promise<Action[]> {
  const entry = await readEntry(store, folder, version);
  if (entry !== undefined) return entry;
  throw tableFault(folder, `its log lacks the entry ${version}; ${MADE_ANEW}`);
}
