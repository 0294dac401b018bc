import type { Config } from "../config/config.ts";
import { streamSettings } from "../config/stream_settings.ts";
import { wholeStreams } from "../config/watched_streams.ts";
import { ENCODER_VERSION } from "../model/columns.ts";
import type { CollectionStream } from "../model/layout.ts";
import {
  assertKeyFits,
  assertRoomForKeys,
  LONGEST_NAME,
  longestKeys,
} from "../pipeline/record/key_room.ts";
import type { Sink } from "../pipeline/sink.ts";

/**
 * Refuses a destination and settings with which some key could become longer than the destination takes, before anything
 * is written. Collections that patterns find are asked about when their streams begin, too: their names count.
 *
 * @throws {PermanentError} with what to change.
 */
export async function assertRoomForStreams(
  sink: Pick<Sink, "head" | "keyFault">,
  config: Config,
): Promise<void> {
  const { watch } = config;
  const settings = streamSettings(config, ENCODER_VERSION);
  const named = watch.level === "collection"
    ? watch.collections.map((each) => ({ level: "collection" as const, ...each }))
    : [];
  for (const stream of [...wholeStreams(watch), ...named]) {
    await assertRoomForKeys(sink, stream, settings);
  }
  for (const stream of unknownStreams(config)) {
    for (const key of longestKeys(stream, settings)) assertKeyFits(sink, key);
  }
}

/** For each pattern a collection with a name as long as one may be found. */
function unknownStreams({ watch, destination }: Config): CollectionStream[] {
  if (watch.level !== "collection" || !watch.listing) return [];
  // In a directory each name has its own limit, and hardly any collection comes near it.
  const unknown = destination.scheme === "s3" ? LONGEST_NAME : "n";
  const patterns = watch.filter.include.length === 0 ? ["*.*"] : watch.filter.include;
  return patterns.map((pattern) => {
    const database = pattern.split(".")[0]!;
    return {
      level: "collection",
      database: database.includes("*") ? unknown : database,
      collection: unknown,
    };
  });
}
