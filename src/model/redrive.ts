import type { BatchRecord, DeadLetterEntry, ObjectEntry } from "./record.ts";
import type { Encoding } from "./settings.ts";

/**
 * What was made of dead letters of one record after all: rows in objects of their own. It is written before the objects
 * are, so that whoever comes after a crash makes the same ones.
 */
export interface Redrive {
  /** The record that names the dead letters. */
  readonly seq: number;
  /** Of the redrives of this record, from 0; each has other events. */
  readonly number: number;
  /** Of the record: another one with the same seq is another journal's. */
  readonly recordId: string;
  /** Wall clock (ISO 8601), for people. */
  readonly redrivenAt: string;
  readonly by: string;
  readonly encoding: Encoding;
  readonly encoderVersion: number;
  /** As in settings; absent where nothing was removed. */
  readonly redact?: readonly string[];
  readonly objects: readonly RedrivenObject[];
}

/** `bytes` and `crc32` are those of the first writer; who finishes its work may make other bytes of the same rows. */
export interface RedrivenObject extends ObjectEntry {
  /** The tokens' `_data` of its events, in order. */
  readonly events: readonly string[];
}

/** A file of dead letters, the record that names it, and what was made of it so far. */
export interface LetterFile {
  readonly streamKey: string;
  readonly record: BatchRecord;
  readonly entry: DeadLetterEntry;
  readonly redrives: readonly Redrive[];
}

/** A dead letter with all that is known of it. */
export interface Letter {
  /** Its token's `_data`. */
  readonly data: string;
  readonly reason: string;
  readonly event: Uint8Array;
  /** It is a row by now. */
  readonly isRedriven: boolean;
  /** It is the event as it should be, of which no row could be made; else a poorer form of it. */
  readonly isWhole: boolean;
  /** Why not even its header can be read; absent where it can. */
  readonly damage?: string;
}

/** The `_data` of all events that were redriven. */
export function redrivenEvents(redrives: readonly Redrive[]): Set<string> {
  return new Set(redrives.flatMap(({ objects }) => objects.flatMap(({ events }) => events)));
}

/**
 * Whether an event is in the dead letters because no row could be made of it, and nothing else: then it is whole, and a
 * later version may make one. Where the server could not produce it, the dead letter is a poorer form of it.
 */
export function isWholeEvent(reason: string): boolean {
  return /^(Cannot (read BSON|write|make a row)\b|the encoder died\b)/.test(reason);
}
