import type { DestinationOptions, S3Options } from "../../../src/destination/open_destination.ts";
import { openS3, type S3Destination } from "../../../src/destination/s3/s3.ts";
import { type Clock, systemClock } from "../../../src/support/clock.ts";
import { type Log, silentLog } from "../../../src/support/log.ts";
import { SeededRandom } from "../../support/seeded_random.ts";
import { type S3Story, StandInS3 } from "../../support/stand_in_s3.ts";

/** Settings for a stand-in server; retries follow at once. */
export function standInOptions(
  url: string,
  s3: S3Options = {},
): DestinationOptions {
  const credentials = { accessKeyId: "stand-in", secretAccessKey: "stand-in-secret" };
  return {
    retry: { retriesMax: 3, firstMs: 1, maxMs: 1 },
    s3: { endpoint: url, region: "us-east-1", credentials, ...s3 },
  };
}

export function standInTools(
  signal?: AbortSignal,
  clock: Clock = systemClock,
  log: Log = silentLog,
) {
  return { clock, random: new SeededRandom(1), log, ...signal !== undefined && { signal } };
}

/** Runs `check` on `s3://lake/p` at a server that tells this story; answers what the server was asked. */
export async function withStory(
  story: S3Story,
  check: (destination: S3Destination, server: StandInS3) => Promise<void>,
  s3: S3Options = {},
  log: Log = silentLog,
): Promise<StandInS3["calls"]> {
  await using server = new StandInS3(story);
  const tools = standInTools(undefined, systemClock, log);
  const destination = openS3("s3://lake/p", standInOptions(server.url, s3), tools);
  try {
    await check(destination, server);
  } finally {
    await destination.close();
  }
  return server.calls;
}
