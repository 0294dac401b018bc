import type { Redrive, RedrivenObject } from "../../model/redrive.ts";
import type { Redrives } from "../../pipeline/ports.ts";
import { listAll } from "../../support/flow/list_all.ts";
import {
  arrayOf,
  nullOr,
  oneOf,
  openObjectOf,
  text,
  wholeNumber,
} from "../../support/json_shape.ts";
import { redriveKey, REDRIVEN_FOLDER } from "../journal_keys.ts";
import { type JournalStore, JSON_CONTENT } from "../object_journal.ts";
import { ENCODING } from "../codec/settings_shape.ts";
import { decodeFile, encodeFile, type FileForm } from "../codec/versioned_json.ts";

/** The version of these files that this program writes. */
const REDRIVE_VERSION = 1;

const COUNT = wholeNumber(0);

type File = Redrive & { readonly v: typeof REDRIVE_VERSION };

const REDRIVE_FILE: FileForm<File> = {
  what: "the redrive of dead letters",
  versions: [REDRIVE_VERSION],
  shape: openObjectOf<File>({
    v: oneOf(REDRIVE_VERSION),
    seq: COUNT,
    number: COUNT,
    recordId: text(),
    redrivenAt: text(),
    by: text(),
    encoding: ENCODING,
    encoderVersion: COUNT,
    redact: arrayOf(text()),
    objects: arrayOf(openObjectOf<RedrivenObject>({
      key: text(),
      database: text(),
      collection: nullOr(text()),
      bucket: text(),
      rows: COUNT,
      bytes: COUNT,
      crc32: text(),
      events: arrayOf(text()),
    }, ["crc32"])),
  }, ["redact"]),
};

/** `_tributary/redriven/{stream}/{seq}-{number}.json`, each written once. */
export function createObjectRedrives(store: JournalStore): Redrives {
  return {
    read: (streamKey, seq) => readRedrives(store, streamKey, seq),
    put(streamKey, redrive) {
      const bytes = encodeFile(REDRIVE_FILE, { v: REDRIVE_VERSION, ...redrive });
      return store.putIfAbsent(
        redriveKey(streamKey, redrive.seq, redrive.number),
        bytes,
        JSON_CONTENT,
      );
    },
  };
}

/** Of the dead letters of which records rows were made, and how often. */
export async function listRedriven(
  store: Pick<JournalStore, "list">,
): Promise<{ readonly streamKey: string; readonly seq: number; readonly count: number }[]> {
  const counts = new Map<string, { streamKey: string; seq: number; count: number }>();
  for (const key of await listAll(store, REDRIVEN_FOLDER)) {
    const [, streamKey, seq] = /\/([^/]+)\/(\d{16})-\d+\.json$/.exec(key) ?? [];
    if (streamKey === undefined) continue;
    const known = counts.get(`${streamKey}/${seq}`) ?? { streamKey, seq: Number(seq), count: 0 };
    counts.set(`${streamKey}/${seq}`, { ...known, count: known.count + 1 });
  }
  return [...counts.values()];
}

/** The redrives of a record's dead letters, in the order of their numbers, which are dense. */
export async function readRedrives(
  store: Pick<JournalStore, "get">,
  streamKey: string,
  seq: number,
): Promise<Redrive[]> {
  const redrives: Redrive[] = [];
  for (;;) {
    const key = redriveKey(streamKey, seq, redrives.length);
    const bytes = await store.get(key);
    if (bytes === undefined) return redrives;
    redrives.push(readRedrive(bytes, key));
  }
}

/** @throws {PermanentError} if it is none, or one of a newer program. */
export function readRedrive(bytes: Uint8Array, key: string): Redrive {
  const { v: _, ...redrive } = decodeFile(REDRIVE_FILE, bytes, key);
  return redrive;
}
