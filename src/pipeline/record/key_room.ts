import { errorMessage, PermanentError } from "../../model/errors.ts";
import { ENCODED_NAME_BYTES_MAX } from "../../model/keys/name_encoding.ts";
import { fileExtension } from "../../model/format.ts";
import type { StreamSettings } from "../../model/settings.ts";
import { type Stream, streamKey, streamName } from "../../model/stream.ts";
import { deadLetterKey, objectKey } from "./object_key.ts";
import type { Sink } from "../sink.ts";

/** A name that is not known yet is as long as any can be once it is encoded. */
export const LONGEST_NAME = "n".repeat(ENCODED_NAME_BYTES_MAX);

/** What a record adds to a stream's key in the name of a file, as long as it gets in three hundred years. */
const LONGEST = {
  recordId: "00000000",
  seq: 9_999_999_999,
  index: 999,
};

/** Stores on file systems have no room for a longer name between two slashes, and say so only when asked. */
const NAME_BYTES_CERTAIN = 255;

/** The longest keys that records of a stream may name, if the settings are these. */
export function longestKeys(
  stream: Stream,
  { keyRule, encoding }: Pick<StreamSettings, "keyRule" | "encoding">,
): string[] {
  const database = stream.level === "deployment" ? LONGEST_NAME : stream.database;
  const collection = stream.level === "collection" ? stream.collection : LONGEST_NAME;
  const bucket = { hour: "2026-11-20T17", day: "2026-11-20", none: "" }[keyRule.bucket];
  const name = {
    ...LONGEST,
    streamKey: streamKey(stream),
    extension: fileExtension(encoding),
  };
  return [objectKey(keyRule, { database, collection }, bucket, name), deadLetterKey(name)];
}

/**
 * Refuses a stream whose records could name an object that the destination cannot hold: once a record names it, it must
 * be written. Asks the destination only about names that are unusually long.
 *
 * @throws {PermanentError} with what to change.
 */
export async function assertRoomForKeys(
  sink: Pick<Sink, "head" | "keyFault">,
  stream: Stream,
  settings: Pick<StreamSettings, "keyRule" | "encoding">,
): Promise<void> {
  for (const key of longestKeys(stream, settings)) {
    const fault = sink.keyFault(key) ?? await refusalOf(sink, key);
    if (fault === undefined) continue;
    throw new PermanentError(
      `Cannot stream ${streamName(stream)}: a key such as "${shortened(key)}" ${fault}; ${
        advice(key)
      }`,
      { mend: "configuration" },
    );
  }
}

/** Refuses to name an object that the destination cannot hold. */
export function assertKeyFits(sink: Pick<Sink, "keyFault">, key: string): void {
  const fault = sink.keyFault(key);
  if (fault === undefined) return;
  throw new PermanentError(
    `Cannot name object "${shortened(key)}": it ${fault}; ${advice(key)}`,
    { mend: "configuration" },
  );
}

async function refusalOf(
  sink: Pick<Sink, "head" | "keyFault">,
  key: string,
): Promise<string | undefined> {
  if (longestName(key) <= NAME_BYTES_CERTAIN) return undefined;
  try {
    await sink.head(key);
    return undefined;
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return `is refused (${errorMessage(error)})`;
  }
}

/** The name of the file follows from that of the stream, everything before it from settings. */
function advice(key: string): string {
  const isFileName = bytesOf(key.slice(key.lastIndexOf("/") + 1)) > NAME_BYTES_CERTAIN;
  return isFileName
    ? "watch the database (WATCH_LEVEL=database), whose files have shorter names, or use another DESTINATION"
    : "shorten the prefix in DESTINATION, or KEY_TEMPLATE";
}

function longestName(key: string): number {
  return Math.max(...key.split("/").map(bytesOf));
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function shortened(key: string): string {
  return key.length <= 120 ? key : `${key.slice(0, 60)}...${key.slice(-50)}`;
}
