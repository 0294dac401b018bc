/** A fleet with all that belongs to it, from its start to the judgement of its lake. */
import assert from "node:assert/strict";
import { startRedis } from "../../scripts/services/redis.ts";
import { Fleet, type FleetOptions } from "./fleet.ts";
import type { FaultScene } from "./fleet_faults.ts";
import { judgeLake, RIGHT, type Verdict } from "./fleet_judge.ts";
import { createFolderLake, createS3Lake } from "./fleet_lake.ts";
import { startFleetWriter } from "./fleet_writer.ts";
import { uniqueName } from "./services.ts";

export interface SceneOptions extends Pick<FleetOptions, "ttlSeconds" | "streams" | "env"> {
  readonly lake: "folder" | "s3";
  /** Default: in a Redis of its own. */
  readonly leases?: "redis" | "destination";
  /** Default 12. */
  readonly collections?: number;
  /** Default 3. */
  readonly processes?: number;
}

/**
 * Starts a fleet and a writer that goes on all the time, lets something happen, then looks whether
 * each acknowledged change is in the lake once and in order, and `verify` agrees.
 */
export async function playScene(
  options: SceneOptions,
  happen: (scene: FaultScene) => Promise<void>,
): Promise<Verdict> {
  const { lake: kind, leases, collections: count = 12, processes = 3, ...rest } = options;
  const collections = Array.from({ length: count }, (_, i) => `c${i + 1}`);
  await using lake = await (kind === "s3" ? createS3Lake() : createFolderLake());
  await using redis = leases === "destination" ? undefined : await startRedis();
  const database = uniqueName("fleet");
  const where = redis === undefined ? {} : { redisUrl: redis.url };
  await using fleet = new Fleet({ ...rest, lake, database, collections, ...where });
  await fleet.open(processes);
  await using writer = startFleetWriter(database, collections);
  await happen({ fleet, ...(redis === undefined ? {} : { redis }) });
  await fleet.finish(writer);
  return await judgeLake(lake, writer);
}

/** The same, and nothing may be lost, doubled or disordered. */
export async function playSceneWell(
  options: SceneOptions,
  happen: (scene: FaultScene) => Promise<void>,
): Promise<void> {
  assert.deepEqual(await playScene(options, happen), RIGHT);
}
