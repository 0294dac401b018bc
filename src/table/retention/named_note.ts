import type { LakeStore } from "../../pipeline/ports.ts";
import {
  arrayOf,
  mapOf,
  oneOf,
  openObjectOf,
  text,
  wholeNumber,
} from "../../support/json_shape.ts";
import type { TableStore } from "../table_store.ts";

/**
 * Since when all tables of a folder are known to name what was joined, by compaction. It is a hint, and each entry is true for ever:
 * whoever loses it, or replaces it with less, lets the time begin anew.
 */
export type NamedNote = Readonly<Record<string, NamedSince>>;

export interface NamedSince {
  /** By the wall clock of who has looked. */
  readonly sinceMs: number;
  /** The ids of the tables that there were. */
  readonly tables: readonly string[];
}

export type NoteStore = Pick<LakeStore, "get"> & Pick<TableStore, "replace">;

function noteKey(folder: string): string {
  return `_tributary/tables/retention/${folder}.json`;
}

/** Empty where there is none, or none that this version can read. */
export async function readNamedNote(
  store: Pick<NoteStore, "get">,
  folder: string,
): Promise<NamedNote> {
  const bytes = await store.get(noteKey(folder));
  if (bytes === undefined) return {};
  try {
    return noteShape(JSON.parse(new TextDecoder().decode(bytes)), "", "left-out").named;
  } catch {
    return {};
  }
}

export async function writeNamedNote(
  store: Pick<NoteStore, "replace">,
  folder: string,
  named: NamedNote,
): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify({ v: 1, named }));
  await store.replace(noteKey(folder), bytes, { contentType: "application/json" });
}

const noteShape = openObjectOf<{ readonly v: 1; readonly named: NamedNote }>({
  v: oneOf(1),
  named: mapOf(openObjectOf<NamedSince>({ sinceMs: wholeNumber(0), tables: arrayOf(text()) })),
});
