import { listAll } from "../../support/flow/list_all.ts";
import { objectOf, oneOf, openObjectOf, text, wholeNumber } from "../../support/json_shape.ts";
import { compactionsFolder, type RecordStore } from "../compaction/compaction_record.ts";
import { unreadableFault } from "../table_log.ts";

/**
 * That inputs of a compaction may be gone from now on, and what its output was then. It is written once, when the output was compared
 * with them, and before the first of them is deleted.
 */
export interface DeletionMark {
  readonly v: 1;
  /** Wall clock, ISO 8601. */
  readonly at: string;
  readonly output: { readonly bytes: number; readonly crc32: string };
}

/** What lies beside the records of a folder's compactions. */
export interface FoundDeletions {
  /** The ids of all compactions. */
  readonly compactions: readonly string[];
  /** Of those of which inputs may be gone. */
  readonly begun: ReadonlySet<string>;
  /** Of those of which all inputs are. */
  readonly done: ReadonlySet<string>;
}

const NAME = /^([0-9a-f]+)(\.deleting|\.deleted)?\.json$/;

const JSON_CONTENT = { contentType: "application/json" };

/** A folder of which nothing was ever joined has none. */
export async function listDeletions(
  store: Pick<RecordStore, "list">,
  folder: string,
): Promise<FoundDeletions> {
  const prefix = compactionsFolder(folder);
  const compactions: string[] = [];
  const begun = new Set<string>();
  const done = new Set<string>();
  for (const key of await listAll(store, prefix)) {
    const [, id, mark] = NAME.exec(key.slice(prefix.length)) ?? [];
    if (id === undefined) continue;
    if (mark === undefined) compactions.push(id);
    else (mark === ".deleting" ? begun : done).add(id);
  }
  return { compactions, begun, done };
}

function markKey(folder: string, id: string): string {
  return `${compactionsFolder(folder)}${id}.deleting.json`;
}

/** Undefined where there is none. @throws {TableFault} where it cannot be read. */
export async function readDeletionMark(
  store: Pick<RecordStore, "get">,
  folder: string,
  id: string,
): Promise<DeletionMark | undefined> {
  const bytes = await store.get(markKey(folder, id));
  if (bytes === undefined) return undefined;
  try {
    return markShape(JSON.parse(new TextDecoder().decode(bytes)), "", "left-out");
  } catch (error) {
    throw unreadableFault(folder, `the mark "${markKey(folder, id)}"`, error);
  }
}

/** Puts the mark if there is none. Answers the one that counts. */
export async function putDeletionMark(
  store: Pick<RecordStore, "putIfAbsent" | "get">,
  folder: string,
  id: string,
  mark: DeletionMark,
): Promise<DeletionMark> {
  const bytes = new TextEncoder().encode(JSON.stringify(mark));
  const outcome = await store.putIfAbsent(markKey(folder, id), bytes, JSON_CONTENT);
  if (outcome === "created") return mark;
  return await readDeletionMark(store, folder, id) ?? mark;
}

/** Says that all inputs are gone, for whoever would look for them again. */
export async function putDeleted(
  store: Pick<RecordStore, "putIfAbsent">,
  folder: string,
  id: string,
  at: string,
): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify({ v: 1, at }));
  await store.putIfAbsent(`${compactionsFolder(folder)}${id}.deleted.json`, bytes, JSON_CONTENT);
}

const markShape = openObjectOf<DeletionMark>({
  v: oneOf(1),
  at: text(),
  output: objectOf({ bytes: wholeNumber(0), crc32: text() }),
});
