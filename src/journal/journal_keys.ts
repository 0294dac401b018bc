import { isRangeKey } from "../model/snapshot.ts";

/**
 * Where the files of a journal lie, relative to the destination's prefix. Stream and target keys come encoded from
 * `model/stream.ts` and are safe as a path segment.
 */

/** The folder of what is not data. */
export const OWN_FOLDER = "_tributary/";

/** The folder in which each stream has its own. */
export const STREAMS_FOLDER = "_tributary/streams/";

/** The folder in which each range of a snapshot has its own. */
export const RANGES_FOLDER = "_tributary/ranges/";

/** Why snapshots are due, what they read, and which are complete. */
export const SNAPSHOTS_FOLDER = "_tributary/snapshot/";

/** In a destination: the mark that its journal lies elsewhere. */
export const JOURNAL_MARK = "_tributary/journal.json";

/** Sixteen decimal digits hold every safe integer, so that keys sort as their numbers do. */
const SEQ_DIGITS = 16;

/** The folder of one stream, with the closing `/` that tells `a.b` from `a.bc`. */
export function streamFolder(streamKey: string): string {
  return `${isRangeKey(streamKey) ? RANGES_FOLDER : STREAMS_FOLDER}${streamKey}/`;
}

export function recordKey(streamKey: string, seq: number): string {
  return `${streamFolder(streamKey)}${seqText(seq)}.json`;
}

/** The seq of the record with this key; undefined where it is no record's. */
export function seqOfRecordKey(streamKey: string, key: string): number | undefined {
  const name = key.slice(streamFolder(streamKey).length);
  return /^\d{16}\.json$/.test(name) ? Number(name.slice(0, SEQ_DIGITS)) : undefined;
}

/** The tip that covers the records from 0 to `seq`. */
export function tipKey(streamKey: string, seq: number): string {
  return `${streamFolder(streamKey)}tip/${seqText(seq)}.json`;
}

/** The folder in which each stream has one of the losses that somebody has accepted. */
export const ACCEPTED_FOLDER = "_tributary/accepted/";

export function acceptedFolder(streamKey: string): string {
  return `${ACCEPTED_FOLDER}${streamKey}/`;
}

/** That somebody accepts what the record with this seq says is lost. */
export function acceptedKey(streamKey: string, seq: number): string {
  return `${acceptedFolder(streamKey)}${seqText(seq)}.json`;
}

/** The folder of all streams' dead letters. */
export const DEAD_LETTER_FOLDER = `${OWN_FOLDER}dead-letter/`;

/** The folder in which each stream has one of what was made of its dead letters. */
export const REDRIVEN_FOLDER = `${OWN_FOLDER}redriven/`;

/** The folder of what was made of a stream's dead letters. */
export function redriveFolder(streamKey: string): string {
  return `${REDRIVEN_FOLDER}${streamKey}/`;
}

/** The redrive with this number of a record's dead letters. */
export function redriveKey(streamKey: string, seq: number, number: number): string {
  return `${redriveFolder(streamKey)}${seqText(seq)}-${String(number).padStart(4, "0")}.json`;
}

export function startKey(targetKey: string): string {
  return `_tributary/start/${targetKey}.json`;
}

/** The folder in which each selection has its own. */
export const SELECTIONS_FOLDER = "_tributary/selections/";

/** How far a selection's collections are covered. */
export function coverageKey(selectionKey: string, seq: number): string {
  return `${SELECTIONS_FOLDER}${selectionKey}/${seqText(seq)}.json`;
}

function seqText(seq: number): string {
  return String(seq).padStart(SEQ_DIGITS, "0");
}
