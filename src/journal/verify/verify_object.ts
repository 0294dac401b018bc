import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { Position } from "../../model/position.ts";
import type { RecordVersion } from "../../model/record.ts";
import type { StoredObject } from "../../pipeline/ports.ts";
import { isoTime, sleep } from "../../support/clock.ts";
import { liesWithin } from "./event_times.ts";
import { inspectLetters } from "./inspect_letters.ts";
import type { EventTimes, VerifyOptions } from "./verify_options.ts";

/** A living writer stores what its last records name within this time. */
export const UNFINISHED_WAIT_MS = 10_000;
export const UNFINISHED_POLL_MS = 500;

/** What must lie under a key. */
export interface NamedObject {
  readonly key: string;
  /** The record that names it. */
  readonly seq: number;
  readonly bytes: number;
  readonly crc32?: string;
  /** The range of its record: its events lie in it. */
  readonly from: Position;
  readonly to: Position;
  /** Of an object; of a dead-letter file its events. */
  readonly rows: number;
  readonly kind: "object" | "dead letters";
  /** Of the record, or of the note that says what lies there in place of what that record says. */
  readonly version: RecordVersion;
  /** No record says yet that it is there: a writer may be about to bring it. */
  readonly isUnfinished: boolean;
}

/** `remade`: the rows are right and the bytes are not those that were recorded. */
export type Verdict = "whole" | "remade" | Fault;

export interface Fault {
  readonly fault: string;
  /** Nothing lies there. */
  readonly isMissing?: boolean;
}

/** Compares what lies in the store with what is said of it. Rejects where the store does not answer. */
export async function judgeObject(options: VerifyOptions, named: NamedObject): Promise<Verdict> {
  if (options.depth === "named") return "whole";
  const stored = await findStored(options, named);
  if (stored === undefined) {
    const replaced = named.kind === "object" ? await options.replaced?.(named) : undefined;
    if (replaced === "replaced") return "whole";
    if (replaced !== undefined) return { ...replaced, isMissing: true };
    const fault = named.isUnfinished
      ? "not stored yet; the next run of the pipeline makes it"
      : "the object is missing";
    return { fault, isMissing: true };
  }
  const isSize = stored.bytes === named.bytes;
  // A redo of an old program could store other bytes than recorded, and had no place to say so.
  if (!isSize && named.version > 1) {
    return { fault: `${stored.bytes} bytes, ${named.bytes} were recorded` };
  }
  if (named.crc32 !== undefined && stored.crc32 !== undefined) {
    if (named.crc32 !== stored.crc32) return checksumFault(stored.crc32, named.crc32);
    if (options.depth !== "everything") return "whole";
  }
  const fault = await faultInside(options, named, stored);
  if (fault !== undefined) return { fault };
  return isSize ? "whole" : "remade";
}

async function findStored(
  { destination, clock }: VerifyOptions,
  { key, isUnfinished }: NamedObject,
): Promise<StoredObject | undefined> {
  const found = await destination.head(key);
  if (found !== undefined || !isUnfinished) return found;
  const untilMs = clock.monotonicMs() + UNFINISHED_WAIT_MS;
  while (clock.monotonicMs() < untilMs) {
    await sleep(clock, UNFINISHED_POLL_MS);
    const come = await destination.head(key);
    if (come !== undefined) return come;
  }
  return undefined;
}

/** What is wrong with the content, as far as it must be looked at. */
async function faultInside(
  options: VerifyOptions,
  named: NamedObject,
  stored: StoredObject,
): Promise<string | undefined> {
  const isProven = options.depth !== "everything" && stored.bytes === named.bytes;
  if (isProven && named.kind === "dead letters") return undefined;
  const depth = isProven ? "rows" : "everything";
  try {
    const found = named.kind === "object"
      ? await options.inspect(named.key, stored.bytes, depth)
      : await inspectLetters(options.destination, named.key);
    const { crc32 } = found;
    if (named.crc32 !== undefined && crc32 !== undefined && crc32 !== named.crc32) {
      return checksumFault(crc32, named.crc32).fault;
    }
    if (found.rows === undefined) return found.fault ?? "it cannot be read";
    if (found.rows !== named.rows) {
      const noun = named.kind === "object" ? "rows" : "events";
      return `${found.rows} ${noun}, ${named.rows} were recorded`;
    }
    return timeFault(found.times, named);
  } catch (error) {
    // It will not be read by trying again: an archived object, or one that was taken away meanwhile.
    if (error instanceof PermanentError) return errorMessage(error);
    throw error;
  }
}

/** Another object with as many rows has events of another range. */
function timeFault(times: EventTimes | undefined, { from, to }: NamedObject): string | undefined {
  if (times === undefined || liesWithin(times, from, to)) return undefined;
  const [first, last] = [isoTime(times.firstMs), isoTime(times.lastMs)];
  const [begin, end] = [from, to].map(({ operationTime }) => isoTime(operationTime.t * 1000));
  return `its events, of ${first} to ${last}, are not those of its record, of ${begin} to ${end}`;
}

function checksumFault(found: string, recorded: string): { readonly fault: string } {
  return { fault: `its checksum is ${found}, ${recorded} was recorded` };
}
