import type { StoredObject } from "../ports.ts";
import type { FoundObjects } from "../sink.ts";

/** What is known of an object that was made or recorded. */
export interface KnownObject {
  readonly bytes: number;
  /** Absent in records of version 1. */
  readonly crc32?: string;
}

/** Whether what lies in the store is, as far as both tell, what was made: the same size, and the same checksum. */
export function isSameObject(stored: StoredObject | undefined, known: KnownObject): boolean {
  if (stored === undefined || stored.bytes !== known.bytes) return false;
  return stored.crc32 === undefined || known.crc32 === undefined || stored.crc32 === known.crc32;
}

/** Whether nothing of what a record names has to be made. */
export function isWhole({ missing, disputed, missingLetters }: FoundObjects): boolean {
  return missing.length + disputed.length + missingLetters.length === 0;
}
