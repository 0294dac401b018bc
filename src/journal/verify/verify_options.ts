import type { Journal, LakeStore } from "../../pipeline/ports.ts";
import type { Clock } from "../../support/clock.ts";

/** What `verify` needs of the lake. */
export interface VerifyOptions {
  readonly journal: Pick<Journal, "streams">;
  /** Where records and the like are. */
  readonly lake: Pick<LakeStore, "head" | "get" | "list" | "listFolders">;
  /** Where objects and dead letters are; mostly the same place. */
  readonly destination: Pick<LakeStore, "head" | "get" | "list">;
  readonly inspect: InspectObject;
  /** Whether something else has the rows of an object that is missing; a fault where it should, and does not. Default: nothing has. */
  readonly replaced?: (
    missing: { readonly key: string; readonly rows: number },
  ) => Promise<"replaced" | { readonly fault: string } | undefined>;
  readonly clock: Clock;
  /** Seconds since 1970: records that end before are taken as verified. */
  readonly sinceSeconds?: number;
  /**
   * How objects are looked at: `stored` asks the store for their size and checksum, and counts rows where that proves too
   * little; `everything` reads and decodes each byte; `named` does not look at them, for whoever wants the names only.
   */
  readonly depth?: "named" | "stored" | "everything";
}

/**
 * Looks into an object of so many bytes. `rows`: their number as the object says it; `everything`: every byte is read
 * and every value decoded. Rejects where the object cannot be read, which says nothing about its content.
 */
export type InspectObject = (
  key: string,
  bytes: number,
  depth: "rows" | "everything",
) => Promise<{
  /** Absent where it is damaged. */
  readonly rows?: number;
  /** The cluster times of its events; where everything was read, and there are any. */
  readonly times?: EventTimes;
  /** What is wrong with the content. */
  readonly fault?: string;
  /** Of all bytes, eight hex digits in lower case; absent where not all were read. */
  readonly crc32?: string;
}>;

/** Between which times and resume tokens the events of an object lie, both ends included. */
export interface EventTimes {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly tokens?: readonly [first: string, last: string];
}

/** What is wrong at one place of a journal. */
export interface Hole {
  readonly seq: number;
  readonly what: string;
  /** The record itself says that it is lost, so that a person can accept it. */
  readonly isLoss?: true;
}

/** What is lost and somebody has accepted. */
export interface AcceptedHole extends Hole {
  readonly reason: string;
  readonly acceptedBy: string;
  readonly acceptedAt: string;
}

/** What was found in one stream's journal. */
export interface StreamReport {
  readonly stream: string;
  readonly records: number;
  /** As its records name them, and as they are: without those made of dead letters. */
  readonly objects: number;
  readonly rows: number;
  readonly deadLetters: number;
  /** Those of them that are rows by now, and in how many objects; absent where none is. */
  readonly redriven?: number;
  readonly redrivenObjects?: number;
  /** Objects with other bytes than recorded and the same rows: a redo of a program that noted that nowhere. */
  readonly remadeUnnoted: number;
  readonly holes: readonly Hole[];
  /** Holes that count no more, and events in dead letters; absent where there are none. */
  readonly accepted?: readonly AcceptedHole[];
  /** The records with events in dead letters that nobody has accepted; absent where there are none. */
  readonly lettersIn?: readonly { readonly seq: number; readonly events: number }[];
}
