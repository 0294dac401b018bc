import { errorMessage } from "../../model/errors.ts";
import type { Action } from "./actions.ts";
import { type DeltaStore, entryKey } from "./files.ts";
import { tableFault } from "../table_log.ts";

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
    const actions = lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line));
    const other = actions.find((action) => typeof action !== "object" || action === null);
    if (other !== undefined) throw new RangeError(`${JSON.stringify(other)} is no action`);
    return actions as Action[];
  } catch (error) {
    throw tableFault(folder, `its log entry ${version} cannot be read (${errorMessage(error)})`);
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
  throw tableFault(folder, `its log lacks the entry ${version}`);
}
