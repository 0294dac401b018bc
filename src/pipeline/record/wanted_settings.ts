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
