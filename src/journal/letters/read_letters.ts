import { EventSpans, readEventSpans } from "../../bson/event/event_spans.ts";
import { MalformedBsonError } from "../../bson/malformed_bson_error.ts";
import { documentEnd } from "../../bson/skip.ts";
import { PermanentError } from "../../model/errors.ts";
import { isWholeEvent, type Letter, type LetterFile, redrivenEvents } from "../../model/redrive.ts";
import type { LakeStore } from "../../pipeline/ports.ts";

/**
 * Reads a file of dead letters.
 *
 * @throws {PermanentError} if the file is gone, or does not hold the events that its record names.
 */
export async function readLetters(
  destination: Pick<LakeStore, "get">,
  file: LetterFile,
): Promise<Letter[]> {
  const { entry: { key, events }, redrives } = file;
  const bytes = await destination.get(key);
  if (bytes === undefined) {
    throw new PermanentError(
      `Cannot read dead letters: ${key} is gone; put it back, or its ${events.length} events are lost`,
    );
  }
  const documents = documentsIn(bytes);
  if (documents.length !== events.length) {
    throw new PermanentError(
      `Cannot read dead letters: ${key} has ${documents.length} events, its record names ` +
        `${events.length}`,
    );
  }
  const redriven = redrivenEvents(redrives);
  return events.map(({ data, reason }, i) => {
    const damage = damageOf(documents[i]!);
    return {
      ...{ data, reason, event: documents[i]! },
      isRedriven: redriven.has(data),
      isWhole: isWholeEvent(reason),
      ...(damage === undefined ? {} : { damage }),
    };
  });
}

function damageOf(event: Uint8Array): string | undefined {
  try {
    readEventSpans(event, 0, new EventSpans());
    return undefined;
  } catch (error) {
    if (!(error instanceof MalformedBsonError)) throw error;
    return error.message;
  }
}

/** As far as they can be told apart: the rest is one. */
function documentsIn(bytes: Uint8Array): Uint8Array[] {
  const documents: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = endOf(bytes, at);
    documents.push(bytes.subarray(at, end));
    at = end;
  }
  return documents;
}

function endOf(bytes: Uint8Array, start: number): number {
  try {
    return documentEnd(bytes, start, bytes.length);
  } catch (error) {
    if (!(error instanceof MalformedBsonError)) throw error;
    return bytes.length;
  }
}
