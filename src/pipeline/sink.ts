import type { BatchRecord, DeadLetterEntry, ObjectEntry, RemadeEntry } from "../model/record.ts";
import type { ListOptions, StoredObject } from "./ports.ts";

/**
 * What delivers the objects and dead letters that records name, each once. It knows nothing of journals: a record is
 * appended before anything of it is delivered, and that is the pipeline's affair.
 */
export interface Sink {
  /**
   * Delivers what a record names under this key, whole or not at all, unless something lies there; then nothing is changed.
   * Durable when it returns. `crc32`: of the bytes, eight hex digits. Throws `TransientError` (it may or may not be there)
   * or `PermanentError`.
   */
  deliver(key: string, bytes: Uint8Array, crc32: string): Promise<Delivery>;
  /** What is missing of that which a record names, or is there in another form. */
  look(record: BatchRecord): Promise<FoundObjects>;
  /** What lies under one key, or undefined where nothing does. */
  head(key: string): Promise<StoredObject | undefined>;
  /** The same with its checksum, which costs reading it where that is not told. `TransientError` where nothing lies there. */
  describe(key: string): Promise<Required<StoredObject>>;
  /** The keys of what was delivered, also by others: with this prefix, in order, at most `limit`, after `startAfter`. */
  list(prefix: string, options: ListOptions): Promise<string[]>;
  /**
   * Why nothing can have this key here (it is too long, ...): completes "it ..."; undefined if something can. To be asked
   * before a record names it.
   */
  keyFault(key: string): string | undefined;
}

export interface Delivery {
  /** Nothing lay there before. */
  readonly isNew: boolean;
  /** What lies there now; undefined where it was taken away meanwhile. */
  readonly stored: StoredObject | undefined;
}

/** What there is of that which a record names. */
export interface FoundObjects {
  readonly missing: readonly ObjectEntry[];
  /**
   * Objects that are not what the record says, under keys that do not say which record they are of: perhaps of another
   * journal, whose lake this one was copied from.
   */
  readonly disputed: readonly ObjectEntry[];
  readonly missingLetters: readonly DeadLetterEntry[];
  /** What is there in other bytes than recorded, made by an earlier redo of this very record. */
  readonly remade: readonly RemadeEntry[];
}
