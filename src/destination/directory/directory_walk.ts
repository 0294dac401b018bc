import { compareUtf8 } from "../../support/utf8_order.ts";
import { isAbsent } from "./directory_faults.ts";
import { mayHoldKeys } from "../../model/key_rules.ts";

/** How many names of one folder are held at a time: some ten megabytes of them. */
const NAMES_HELD_MAX = 100_000;

/** Folders below the root that hold no objects. */
const HIDDEN_FOLDERS: ReadonlySet<string> = new Set(["_tributary/tmp/"]);

/** A name in a folder; a folder's own ends with `/`, so that names sort as the keys below them do. */
type EntryName = string;

/**
 * The keys below `root` that begin with `prefix` and come after `after`, in order of their UTF-8 bytes.
 *
 * Only folders that can hold such keys are read, and of a large folder only a part is held at a time.
 */
export async function* walkKeys(
  root: string,
  prefix: string,
  after: string | undefined,
  namesHeldMax: number = NAMES_HELD_MAX,
): AsyncGenerator<string> {
  if (mayHoldKeys(prefix)) yield* walkFolder({ ...placeOf(root, prefix), after, namesHeldMax });
}

/** The folders directly below `prefix` that hold an object at any depth, in order. */
export async function walkFolders(root: string, prefix: string): Promise<string[]> {
  const folders: string[] = [];
  if (!mayHoldKeys(prefix)) return folders;
  const place = placeOf(root, prefix);
  for await (const name of namesIn(place)) {
    if (name.endsWith("/") && await holdsObject(root, place.folder + name)) {
      folders.push(name.slice(place.namePrefix.length, -1));
    }
  }
  return folders;
}

interface Place {
  readonly root: string;
  /** Relative to the root, empty or ending with `/`. */
  readonly folder: string;
  readonly namePrefix: string;
  readonly after: string | undefined;
  readonly namesHeldMax: number;
}

/** Where all keys with a prefix lie. */
function placeOf(root: string, prefix: string): Place {
  const slash = prefix.lastIndexOf("/") + 1;
  return {
    root,
    folder: prefix.slice(0, slash),
    namePrefix: prefix.slice(slash),
    after: undefined,
    namesHeldMax: NAMES_HELD_MAX,
  };
}

async function* walkFolder(place: Place): AsyncGenerator<string> {
  for await (const name of namesIn(place)) {
    const path = place.folder + name;
    if (name.endsWith("/")) yield* walkFolder({ ...place, folder: path, namePrefix: "" });
    else yield path;
  }
}

/** The names in a folder that may lead to wanted keys, in order. */
async function* namesIn(place: Place): AsyncGenerator<EntryName> {
  let last: EntryName | undefined;
  while (true) {
    const names = await smallestNames(place, last);
    yield* names.slice(0, place.namesHeldMax);
    if (names.length <= place.namesHeldMax) return;
    last = names[place.namesHeldMax - 1];
  }
}

/** The smallest wanted names after `last`: all of them, or more than `namesHeldMax`. */
async function smallestNames(place: Place, last: EntryName | undefined): Promise<EntryName[]> {
  let names: EntryName[] = [];
  try {
    for await (const entry of Deno.readDir(place.root + "/" + place.folder)) {
      if (!entry.name.startsWith(place.namePrefix)) continue;
      const name = entry.name + (await isFolder(place, entry) ? "/" : "");
      if (!isWanted(place, name) || (last !== undefined && compareUtf8(name, last) <= 0)) continue;
      names.push(name);
      if (names.length > 2 * place.namesHeldMax) {
        names = names.sort(compareUtf8).slice(0, place.namesHeldMax + 1);
      }
    }
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
  return names.sort(compareUtf8);
}

function isWanted(place: Place, name: EntryName): boolean {
  const path = place.folder + name;
  if (HIDDEN_FOLDERS.has(path)) return false;
  if (place.after === undefined || compareUtf8(path, place.after) > 0) return true;
  // A folder before `after` holds keys after it only if `after` lies in it.
  return name.endsWith("/") && place.after.startsWith(path);
}

async function isFolder(place: Place, entry: Deno.DirEntry): Promise<boolean> {
  if (!entry.isSymlink) return entry.isDirectory;
  try {
    return (await Deno.stat(`${place.root}/${place.folder}${entry.name}`)).isDirectory;
  } catch (error) {
    // A link to nowhere is no object; as a folder it is found empty.
    if (isAbsent(error)) return true;
    throw error;
  }
}

async function holdsObject(root: string, folder: string): Promise<boolean> {
  return (await walkFolder(placeOf(root, folder)).next()).done !== true;
}
