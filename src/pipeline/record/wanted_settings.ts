import type { RecordVersion } from "../../model/record.ts";
import type { StreamSettings } from "../../model/settings.ts";
import { isWholeCollection, type Stream } from "../../model/stream.ts";

/**
 * Of what all streams are set to, what a record of this version says of this stream. How a stream is read stands in
 * records from version 3 on, and only where there is a choice: a partition and a database are read in one way only.
 */
export function wantedSettings(
  settings: StreamSettings,
  stream: Stream,
  v: RecordVersion,
): StreamSettings {
  if (v >= 3 && isWholeCollection(stream)) return settings;
  const { reading: _, ...rest } = settings;
  return rest;
}

/** Whether records of this version may say by now that the stream is read otherwise than is `written`: the journal has waited for that. */
export function isReadOtherwise(
  settings: StreamSettings,
  written: StreamSettings,
  stream: Stream,
  v: RecordVersion,
): boolean {
  if (settings.reading === written.reading) return false;
  return wantedSettings(settings, stream, v).reading !== written.reading;
}
