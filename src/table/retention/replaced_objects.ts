import type { LakeStore } from "../../pipeline/ports.ts";
import { KeySet } from "../../support/bytes/key_set.ts";
import { shareRuns } from "../../support/flow/coalesce_calls.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { outputPath, readCompaction, unlessUnreadable } from "../compaction/compaction_record.ts";
import { outputFault } from "./delete_joined.ts";
import { listDeletions, readDeletionMark } from "./deletion_mark.ts";

const READS_IN_FLIGHT_MAX = 16;

const ALL_COMPACTIONS = "_tributary/compactions/";

/** The record of a compaction, right below a folder's. */
const RECORD_NAME = /^[0-9a-f]+\.json$/;

const NAMES_LOOKED_AT = 1000;

export interface ReplacedParts {
  /** Where records of compactions lie. */
  readonly records: Pick<LakeStore, "get" | "list">;
  /** Where objects lie. */
  readonly objects: Pick<LakeStore, "head">;
  /** Reads the whole of an output. Absent: its size and, where the store tells it, its checksum are looked at. */
  readonly inspect?: (
    key: string,
    bytes: number,
  ) => Promise<{ readonly rows?: number; readonly fault?: string; readonly crc32?: string }>;
}

/** An object that a record names and that is not there. */
export interface MissingObject {
  readonly key: string;
  readonly rows: number;
}

/**
 * What stands for objects that were deleted when they had been joined. Outputs are looked at once each, and only of folders in which
 * something is missing.
 */
export class ReplacedObjects {
  readonly #parts: ReplacedParts;
  readonly #folders = new Map<string, JoinedFolder>();

  constructor(parts: ReplacedParts) {
    this.#parts = parts;
  }

  /** `replaced`: its rows are in an output that is as it was. A text: why they are not; undefined where nothing was to replace it. */
  async look(missing: MissingObject): Promise<"replaced" | { readonly fault: string } | undefined> {
    const folder = await this.#folderOf(missing.key);
    return await folder?.look(missing);
  }

  async #folderOf(key: string): Promise<JoinedFolder | undefined> {
    const above = foldersAbove(key);
    const known = above.map((each) => this.#folders.get(each)).find((each) => each !== undefined);
    if (known !== undefined) return known;
    const { records } = this.#parts;
    if ((await records.list(ALL_COMPACTIONS, { limit: 1 })).length === 0) return undefined;
    for (const folder of above) {
      const prefix = `${ALL_COMPACTIONS}${folder}/`;
      const keys = await records.list(prefix, { limit: NAMES_LOOKED_AT });
      if (!keys.some((each) => RECORD_NAME.test(each.slice(prefix.length)))) continue;
      const found = this.#folders.get(folder) ?? new JoinedFolder(this.#parts, folder);
      this.#folders.set(folder, found);
      return found;
    }
    return undefined;
  }
}

/** The deepest first. */
function foldersAbove(key: string): string[] {
  const parts = key.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, parts.length - i).join("/"));
}

class JoinedFolder {
  readonly #parts: ReplacedParts;
  readonly #folder: string;
  readonly #seen = new Set<string>();
  /** What outputs stand for that are as they were. */
  readonly #replaced = new KeySet();
  /** The same of others, and what is wrong with these. */
  readonly #broken = new Map<string, string>();
  /** Somebody may be deleting: what is missing was deleted before the look that tells of it. */
  readonly #lookAgain = shareRuns(() => this.#readMarks());

  constructor(parts: ReplacedParts, folder: string) {
    this.#parts = parts;
    this.#folder = folder;
  }

  async look(missing: MissingObject): Promise<"replaced" | { readonly fault: string } | undefined> {
    const known = this.#known(missing);
    if (known !== undefined) return known;
    await this.#lookAgain();
    return this.#known(missing);
  }

  #known({ key, rows }: MissingObject): "replaced" | { readonly fault: string } | undefined {
    const name = nameOf(key, rows);
    if (this.#replaced.has(name)) return "replaced";
    const fault = this.#broken.get(name);
    return fault === undefined ? undefined : { fault };
  }

  async #readMarks(): Promise<void> {
    const { begun } = await listDeletions(this.#parts.records, this.#folder);
    const news = [...begun].filter((id) => !this.#seen.has(id));
    await mapLimited(news, READS_IN_FLIGHT_MAX, async (id) => {
      await this.#read(id);
      this.#seen.add(id);
    });
  }

  async #read(id: string): Promise<void> {
    const { records } = this.#parts;
    const record = await unlessUnreadable(() => readCompaction(records, this.#folder, id));
    // Nobody can say then what it was about.
    if (record === undefined) return;
    const fault = await this.#faultOf(id, record.output.rows);
    for (const { path, rows } of record.inputs) {
      const name = nameOf(`${this.#folder}/${path}`, rows);
      if (fault === undefined) this.#replaced.add(name);
      else this.#broken.set(name, `it was joined to others, and ${fault}`);
    }
  }

  async #faultOf(id: string, rows: number): Promise<string | undefined> {
    const { records, objects, inspect } = this.#parts;
    const mark = await unlessUnreadable(() => readDeletionMark(records, this.#folder, id));
    if (mark === undefined) return `the mark of the compaction ${id} cannot be read`;
    const key = `${this.#folder}/${outputPath(id)}`;
    const fault = outputFault({ path: key }, mark, await objects.head(key));
    if (fault !== undefined || inspect === undefined) return fault;
    const found = await unlessUnreadable(() => inspect(key, mark.output.bytes));
    if (found?.rows === undefined) return `"${key}" cannot be read${reason(found?.fault)}`;
    if (found.rows !== rows) return `"${key}" has ${found.rows} rows and not ${rows}`;
    return outputFault({ path: key }, mark, { ...found, bytes: mark.output.bytes });
  }
}

function reason(fault: string | undefined): string {
  return fault === undefined ? "" : ` (${fault})`;
}

function nameOf(key: string, rows: number): string {
  return `${rows} ${key}`;
}
