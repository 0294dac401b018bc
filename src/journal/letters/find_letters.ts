import { readObjectName } from "../../model/object_name.ts";
import type { LetterFile } from "../../model/redrive.ts";
import { chooseStreamKeys } from "../../model/stream_choice.ts";
import type { LakeStore } from "../../pipeline/ports.ts";
import { mapLimited } from "../../support/limited.ts";
import { DEAD_LETTER_FOLDER } from "../journal_keys.ts";
import { readRedrives } from "./object_redrives.ts";
import { readRawRecord } from "../read_raw_record.ts";

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
  readonly lake: Pick<LakeStore, "get">;
  readonly destination: Pick<LakeStore, "get" | "list">;
}

/**
 * The dead letters of a lake, in the order of streams and records. They are found by their files, for they are few and
 * records are many; a file that no record names is no concern of those who look for dead letters.
 */
export async function* findLetters(
  { lake, destination }: LetterPlaces,
  choice: LetterChoice,
): AsyncGenerator<LetterFile> {
  const places = await listPlaces(destination, choice);
  for (let at = 0; at < places.length; at += RECORDS_A_STEP) {
    const some = places.slice(at, at + RECORDS_A_STEP);
    const files = await mapLimited(some, REQUESTS_IN_FLIGHT_MAX, (each) => readFile(lake, each));
    for (const file of files) {
      if (file === undefined) continue;
      const { sinceSeconds = 0 } = choice;
      if (file.record.to.operationTime.t >= sinceSeconds) yield file;
    }
  }
}

interface Place {
  readonly key: string;
  readonly streamKey: string;
  readonly seq: number;
}

async function listPlaces(
  store: Pick<LakeStore, "list">,
  { stream, seq }: LetterChoice,
): Promise<Place[]> {
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
    if (page.length < PAGE_KEYS) break;
  }
  const keys = [...new Set(places.map(({ streamKey }) => streamKey))];
  const chosen = new Set(stream === undefined ? keys : chooseStreamKeys(keys, stream));
  return places
    .filter((place) => chosen.has(place.streamKey) && (seq === undefined || place.seq === seq))
    .sort((a, b) =>
      a.streamKey === b.streamKey ? a.seq - b.seq : a.streamKey < b.streamKey ? -1 : 1
    );
}

async function readFile(
  store: Pick<LakeStore, "get">,
  { key, streamKey, seq }: Place,
): Promise<LetterFile | undefined> {
  const read = await readRawRecord(store, streamKey, seq);
  const record = read === "missing" || "fault" in read ? undefined : read.record;
  if (record?.kind !== "batch") return undefined;
  const entry = record.deadLetters.find((each) => each.key === key);
  if (entry === undefined) return undefined;
  return { streamKey, record, entry, redrives: await readRedrives(store, streamKey, seq) };
}
