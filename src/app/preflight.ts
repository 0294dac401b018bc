import type { Config } from "../config/config.ts";
import { probeDestination } from "../destination/probe.ts";
import { claimJournalPlace } from "../journal/journal_place.ts";
import { PermanentError } from "../model/errors.ts";
import type { MongoSource } from "../source/mongo/mongo_source.ts";
import { describeWithoutStream, refusalOf } from "../source/mongo/without_stream.ts";
import { assertRoomForStreams } from "./check_keys.ts";
import { type AppTools, withResources } from "./adapters.ts";
import { findWithoutStream } from "./without_stream.ts";

/** Fails with one sentence if MongoDB or the destination cannot be used as configured. */
export async function preflight(
  source: MongoSource,
  config: Config,
  tools: AppTools,
  signal: AbortSignal,
): Promise<void> {
  await source.describe(signal);
  const { named, others } = await findWithoutStream(source, config.watch, signal);
  if (named.length > 0) throw new PermanentError(named.map(refusalOf).join("; "));
  if (others.length > 0) {
    tools.log.info("Views and time series have no change events and are left out", {
      leftOut: others.map(describeWithoutStream),
    });
  }
  await withResources(config, { tools, signal }, async (resources) => {
    const places = await resources.places({ forProbe: true });
    const { lake, destination } = places;
    await assertRoomForStreams(destination, config);
    await probeDestination(destination, tools.random);
    if (lake !== destination) await probeDestination(lake, tools.random);
    await claimJournalPlace(places, tools.random);
  });
}
