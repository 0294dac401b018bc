import type { GenesisRecord, JournalRecord } from "../../model/record.ts";
import { parseStreamKey, type Stream, targetKey, targetsOverlap } from "../../model/stream.ts";
import { chooseStreamKeys } from "../../model/stream_choice.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { Journal } from "../ports.ts";

/** Journals looked at side by side. */
const LOOKS_IN_FLIGHT_MAX = 16;

/** Where a journal begins and ends. */
export interface JournalEnds {
  readonly key: string;
  readonly stream: Stream;
  readonly genesis: GenesisRecord;
  readonly last: JournalRecord;
}

/** The journals of a lake by key; `lost` are keys of those whose first record is gone. */
export interface FoundJournals {
  readonly journals: readonly JournalEnds[];
  readonly lost: readonly string[];
}

/** All journals, or those that `word` names: a key, a stream's name, or a target with all its partitions. */
export async function findJournals(journal: Journal, word?: string): Promise<FoundJournals> {
  const all = await journal.streams();
  const keys = word === undefined ? all : chooseStreamKeys(all, word);
  const ends = await mapLimited(keys, LOOKS_IN_FLIGHT_MAX, (key) => readEnds(journal, key));
  return {
    journals: ends.filter((each) => each !== undefined),
    lost: keys.filter((_, i) => ends[i] === undefined),
  };
}

/**
 * The journals of all other targets that share events with this stream's. Of the others nothing is read, which matters where
 * hundreds begin, and so that a damaged one harms no other.
 */
export async function findOverlappingJournals(
  journal: Journal,
  stream: Stream,
): Promise<readonly JournalEnds[]> {
  const own = targetKey(stream);
  const keys = (await journal.streams()).filter((key) => {
    if (key === own || key.startsWith(`${own}.`)) return false;
    if (stream.level === "collection" && PLAIN_COLLECTION.test(key)) return false;
    const parsed = parseStreamKey(key);
    // A shortened name cannot be read from the key; the genesis has it in full.
    return parsed === undefined || targetsOverlap(parsed, stream);
  });
  const ends = await mapLimited(keys, LOOKS_IN_FLIGHT_MAX, (key) => readEnds(journal, key));
  return ends.filter((each) => each !== undefined)
    .filter((each) => targetsOverlap(each.stream, stream) && targetKey(each.stream) !== own);
}

/** A collection's key that says by itself which one it is. To parse a thousand keys for each of a thousand streams takes seconds. */
const PLAIN_COLLECTION = /^collection\.[\w-]+\.[\w-]+(\.|$)/;

/** Where one journal begins and ends; undefined where its first record is gone, or there is none. */
export async function readEnds(journal: Journal, key: string): Promise<JournalEnds | undefined> {
  const genesis = await journal.read(key, 0);
  if (genesis?.kind !== "genesis") return undefined;
  const last = await journal.last(key) ?? genesis;
  return { key, stream: genesis.stream, genesis, last };
}
