import { objectInspector } from "../../src/encode/inspect_object.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import type { VerifyOptions } from "../../src/journal/verify/verify_options.ts";
import type { JournalRecord } from "../../src/model/record.ts";
import type { LakeStore, StoredObject } from "../../src/pipeline/ports.ts";
import { crc32Hex } from "../../src/support/bytes/crc32.ts";
import type { LakeWorld } from "./lake_world.ts";

const KEYS_MAX = 100_000;

/**
 * A lake that somebody has changed: files of a world's destination that are gone, others, or more. The world's own is
 * left as it is.
 */
export class ChangedLake {
  readonly #files: Map<string, Uint8Array<ArrayBuffer>>;
  readonly #world: LakeWorld;
  /** Whether the store tells checksums, as S3 does. */
  tellsChecksums = false;
  /** Called before each listing, as something that happens meanwhile. */
  beforeList: (() => void) | undefined;
  lists = 0;

  private constructor(world: LakeWorld, files: Map<string, Uint8Array<ArrayBuffer>>) {
    this.#world = world;
    this.#files = files;
  }

  static async of(world: LakeWorld): Promise<ChangedLake> {
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const key of await world.destination.list("", { limit: KEYS_MAX })) {
      files.set(key, (await world.destination.get(key))!);
    }
    return new ChangedLake(world, files);
  }

  get keys(): string[] {
    return [...this.#files.keys()];
  }

  /** The keys of data objects, in the order of the records that name them. */
  get objects(): string[] {
    const bySeq = (key: string) => Number(/-(\d+)-\d+(-[0-9a-f]{8})?\.[a-z.]+$/.exec(key)?.[1]);
    return this.keys.filter((key) => !key.startsWith("_tributary/"))
      .sort((a, b) => bySeq(a) - bySeq(b));
  }

  get(key: string): Uint8Array<ArrayBuffer> {
    return this.#files.get(key)!;
  }

  put(key: string, bytes: Uint8Array<ArrayBuffer> | string): void {
    this.#files.set(key, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
  }

  remove(key: string): Uint8Array<ArrayBuffer> {
    const bytes = this.get(key);
    this.#files.delete(key);
    return bytes;
  }

  /** Changes a record as it lies there, in any way. */
  // deno-lint-ignore no-explicit-any -- also to what no record is.
  editRecord(streamKey: string, seq: number, change: (record: any) => void): void {
    const key = recordFile(streamKey, seq);
    const record: JournalRecord = JSON.parse(new TextDecoder().decode(this.get(key)));
    change(record);
    this.put(key, JSON.stringify(record));
  }

  /** Makes all records ones of version 2, which know the checksums of their objects. */
  upgrade(streamKey: string): void {
    for (const key of this.keys) {
      const match = new RegExp(`/streams/${streamKey}/(\\d+)\\.json$`).exec(key);
      if (match === null) continue;
      this.editRecord(streamKey, Number(match[1]), (record) => {
        record.v = 2;
        for (const entry of [...record.objects ?? [], ...record.deadLetters ?? []]) {
          entry.crc32 = crc32Hex(this.get(entry.key));
        }
      });
    }
  }

  options(more: Partial<VerifyOptions> = {}): VerifyOptions {
    const destination = this.#store();
    const journal = createObjectJournal(destination);
    const { clock } = this.#world;
    return {
      journal,
      lake: destination,
      destination,
      clock,
      inspect: objectInspector(destination),
      ...more,
    };
  }

  #store(): LakeStore {
    const list = (prefix: string, after = "") =>
      this.keys.filter((key) => key.startsWith(prefix) && key > after).sort();
    return {
      putIfAbsent: () => Promise.reject(new Error("verify writes nothing")),
      head: (key) => Promise.resolve(this.#head(key)),
      get: (key, range) => {
        const bytes = this.#files.get(key);
        return Promise.resolve(bytes?.slice(range?.start ?? 0, range?.end));
      },
      list: (prefix, { limit, startAfter }) => {
        this.lists++;
        this.beforeList?.();
        return Promise.resolve(list(prefix, startAfter).slice(0, limit));
      },
      listFolders: (prefix) => {
        const names = list(prefix).map((key) => key.slice(prefix.length));
        const folders = names.filter((name) => name.includes("/"));
        return Promise.resolve([...new Set(folders.map((name) => name.split("/")[0]!))]);
      },
    };
  }

  #head(key: string): StoredObject | undefined {
    const bytes = this.#files.get(key);
    if (bytes === undefined) return undefined;
    return { bytes: bytes.length, ...(this.tellsChecksums ? { crc32: crc32Hex(bytes) } : {}) };
  }
}

export function recordFile(streamKey: string, seq: number): string {
  return `_tributary/streams/${streamKey}/${String(seq).padStart(16, "0")}.json`;
}
