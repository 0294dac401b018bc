import { readObjectName } from "../../model/keys/object_name.ts";
import type { LetterFile } from "../../model/redrive.ts";
import { isRangeKey } from "../../model/snapshot.ts";
import { chooseStreamKeys } from "../../model/stream_choice.ts";
import type { LakeStore } from "../../pipeline/ports.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { DEAD_LETTER_FOLDER, recordKey, STREAMS_FOLDER } from "../journal_keys.ts";
import { readRedrives } from "./object_redrives.ts";
import { readRawRecord, recordOf } from "../read_raw_record.ts";
import { lettersOfRecords, namedLetters } from "./named_letters.ts";

const PAGE_KEYS = 10_000;

/** Records that are read side by side, and held until they were looked at. */
const RECORDS_A_STEP = 64;
const REQUESTS_IN_FLIGHT_MAX = 16;

export interface LetterChoice {
  /** A key, a name, or a target with all its partitions. Default: all streams. */
  readonly stream?: string;
  readonly seq?: number;
  /** Seconds since 1970: records that end before are left out. */
  readonly sinceSeconds?: number;
}

/** Where records are, and where the files are that they name. */
export interface LetterPlaces {
  readonly lake: Pick<LakeStore, "get" | "head" | "list" | "listFolders">;
  readonly destination: Pick<LakeStore, "get" | "list">;
}

/**
 * The dead letters of a lake, in the order of streams and records. They are found by their files, for they are few and
 * records are many; a file that no record names is no concern of those who look for dead letters. Of a stream that is asked
 * for its journal is looked at too, so that those are found whose file is gone.
 */
export async function* findLetters(
  stores: LetterPlaces,
  choice: LetterChoice,
): AsyncGenerator<LetterFile> {
  const places = await listPlaces(stores, choice);
  for (let at = 0; at < places.length; at += RECORDS_A_STEP) {
    const some = places.slice(at, at + RECORDS_A_STEP);
    const files = await mapLimited(
      some,
      REQUESTS_IN_FLIGHT_MAX,
      (each) => readFile(stores.lake, each),
    );
    for (const file of files) {
      if (file === undefined) continue;
      const { sinceSeconds = 0 } = choice;
      if (file.record.to.operationTime.t >= sinceSeconds) yield file;
    }
  }
}

/** Why nobody finds dead letters: there is no lake, stream or record of that name, or there are just none. */
export type Absence = "no lake" | "no stream" | "no record" | "no letters";

/** Why a choice has found nothing. */
export async function whyAbsent(
  { lake }: { readonly lake: Pick<LakeStore, "head" | "listFolders"> },
  { stream, seq }: LetterChoice,
): Promise<Absence> {
  const all = await lake.listFolders(STREAMS_FOLDER);
  if (all.length === 0) return "no lake";
  const keys = stream === undefined ? all : chooseStreamKeys(all, stream);
  if (keys.length === 0) return "no stream";
  if (seq === undefined) return "no letters";
  const records = await Promise.all(keys.map((key) => lake.head(recordKey(key, seq))));
  return records.every((record) => record === undefined) ? "no record" : "no letters";
}

interface Place {
  readonly key: string;
  readonly streamKey: string;
  readonly seq: number;
}

async function listPlaces(
  { lake, destination }: LetterPlaces,
  choice: LetterChoice,
): Promise<Place[]> {
  const { stream, seq } = choice;
  const files = (await listFiles(destination)).filter((place) =>
    seq === undefined || place.seq === seq
  );
  const places = stream === undefined ? files : await ofStream(lake, { ...choice, stream }, files);
  return places.sort((a, b) =>
    a.streamKey === b.streamKey ? a.seq - b.seq : a.streamKey < b.streamKey ? -1 : 1
  );
}

/** What the journals of a stream name, its partitions', and those of ranges of its snapshots that have files. */
async function ofStream(
  lake: LetterPlaces["lake"],
  { stream, seq }: LetterChoice & { readonly stream: string },
  files: readonly Place[],
): Promise<Place[]> {
  const ranges = files.map(({ streamKey }) => streamKey).filter(isRangeKey);
  const streams = await lake.listFolders(STREAMS_FOLDER);
  const keys = chooseStreamKeys([...streams, ...new Set(ranges)], stream);
  const places: Place[] = [];
  for (const streamKey of keys) {
    const own = files.filter((file) => file.streamKey === streamKey);
    const named = seq === undefined
      ? await namedLetters(lake, streamKey, own)
      : await lettersOfRecords(lake, streamKey, [seq]);
    places.push(...named.map((each) => ({ ...each, streamKey })));
  }
  return places;
}

async function listFiles(store: Pick<LakeStore, "list">): Promise<Place[]> {
  const places: Place[] = [];
  let startAfter: string | undefined;
  for (;;) {
    const page = await store.list(DEAD_LETTER_FOLDER, {
      limit: PAGE_KEYS,
      ...(startAfter === undefined ? {} : { startAfter }),
    });
    for (const key of page) {
      const name = readObjectName(key);
      if (name !== undefined) places.push({ key, streamKey: name.streamKey, seq: name.seq });
    }
    startAfter = page.at(-1);
    if (page.length < PAGE_KEYS) return places;
  }
}

async function readFile(
  store: Pick<LakeStore, "get">,
  { key, streamKey, seq }: Place,
): Promise<LetterFile | undefined> {
  const record = recordOf(await readRawRecord(store, streamKey, seq));
  if (record?.kind !== "batch") return undefined;
  const entry = record.deadLetters.find((each) => each.key === key);
  if (entry === undefined) return undefined;
  return { streamKey, record, entry, redrives: await readRedrives(store, streamKey, seq) };
}
