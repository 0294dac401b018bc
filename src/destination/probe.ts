import { PermanentError } from "../model/errors.ts";
import type { Finding } from "../support/check_result.ts";
import type { Random } from "../support/random.ts";
import type { OpenDestination } from "./open_destination.ts";

/** The only object a probe ever leaves; it is created once and never changed. */
export const PROBE_KEY = "_tributary/probe/put-if-absent.txt";

export const PROBE_OPTIONS = { contentType: "text/plain" };

const PROBE_FOLDER = "_tributary/probe/";

/**
 * Finds out whether a destination can be written, read and listed, and whether it keeps the promise that everything
 * rests on: an object that is there is never replaced.
 *
 * Two puts under one fixed key, each with bytes of its own: the second must find the first one's object, or that of an
 * earlier probe, and leave it as it is. A destination that ignores the condition answers "created" twice, or "exists"
 * and changed bytes. Many instances may probe at a time. Large objects are tried on the same object.
 *
 * @throws {PermanentError} with one sentence if the destination cannot be used; `TransientError` if it may be later.
 */
export async function probeDestination(
  destination: OpenDestination,
  random: Random,
): Promise<void> {
  await destination.checkMedium();
  await destination.putIfAbsent(PROBE_KEY, probeBytes(random), PROBE_OPTIONS);
  const before = await readProbe(destination);
  const second = await destination.putIfAbsent(PROBE_KEY, probeBytes(random), PROBE_OPTIONS);
  const after = await readProbe(destination);
  if (second !== "exists" || !sameBytes(before, after)) {
    throw refusal(destination, "it replaces objects that are there (it ignores If-None-Match)");
  }
  await checkReading(destination, after);
  await destination.checkLargeObjects();
}

/** So much room a directory must have before it counts as writable again. */
const ROOM_BYTES = 1024 * 1024;

/** Finds out whether anything can be written now, after something could not; leaves what a probe leaves. */
export async function probeWriting(destination: OpenDestination, random: Random): Promise<void> {
  await destination.checkMedium(ROOM_BYTES);
  await destination.putIfAbsent(PROBE_KEY, probeBytes(random), PROBE_OPTIONS);
}

/** As `probeDestination`, for `tributary check`, and whether there is room for more than a probe. */
export async function checkDestination(
  destination: OpenDestination,
  random: Random,
  subject = "Destination",
): Promise<Finding[]> {
  await destination.checkMedium(ROOM_BYTES);
  await probeDestination(destination, random);
  const text = `${destination.url} can be written, read and listed, and keeps what is there`;
  return [{ subject, state: "ok", text }, ...destination.remarks];
}

function probeBytes(random: Random): Uint8Array {
  return new TextEncoder().encode(
    `tributary wrote this to learn whether an object that is there can be replaced: ${random.uuid()}\n`,
  );
}

async function readProbe(destination: OpenDestination): Promise<Uint8Array> {
  const bytes = await destination.get(PROBE_KEY);
  if (bytes === undefined) throw refusal(destination, "an object just written cannot be read");
  return bytes;
}

/** What resuming and verifying rely on besides. */
async function checkReading(destination: OpenDestination, bytes: Uint8Array): Promise<void> {
  const head = await destination.head(PROBE_KEY);
  if (head?.bytes !== bytes.length) {
    throw refusal(destination, "it tells a wrong size of an object");
  }
  const tail = await destination.get(PROBE_KEY, { start: -5 });
  if (tail === undefined || !sameBytes(tail, bytes.subarray(-5))) {
    throw refusal(destination, "it cannot read a part of an object");
  }
  const keys = await destination.list(PROBE_FOLDER, { limit: 10 });
  const folders = await destination.listFolders("_tributary/");
  if (!keys.includes(PROBE_KEY) || !folders.includes("probe")) {
    throw refusal(destination, "it does not list an object just written");
  }
}

function refusal(destination: OpenDestination, reason: string): PermanentError {
  return new PermanentError(
    `Cannot use destination "${destination.url}": ${reason}; use a store with conditional writes`,
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
