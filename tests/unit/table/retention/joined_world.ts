/** A lake whose table has joined its small objects, and what deletes these. */
import { compactorOf } from "../../../../src/app/tables/compact_tables.ts";
import { deletionParts } from "../../../../src/app/tables/deletion_parts.ts";
import type { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import type { DeletionParts } from "../../../../src/table/retention/delete_joined.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { deltaLogOf, FOLDER, follower, turnToEnd, write } from "../../../support/table_world.ts";

export const DAY_MS = 24 * 3_600_000;

export const RETENTION_MS = 7 * DAY_MS;

/** Four small objects became one, three hours later. */
export async function joinedWorld(): Promise<LakeWorld> {
  const world = new LakeWorld();
  await write(world, 14);
  await turnToEnd(follower(world));
  await pass(world, 3 * 3_600_000);
  await compactorOf(toolsOf(world), placesOf(world), FOLDER, deltaLogOf(world)).compact(() => true);
  return world;
}

export async function pass(world: LakeWorld, ms: number): Promise<void> {
  await world.clock.advance(ms);
  world.pass(Math.ceil(ms / 1000));
}

function toolsOf({ clock, random }: LakeWorld) {
  return { clock, random, log: silentLog, hostName: "test" };
}

function placesOf(world: LakeWorld, destination = world.destination) {
  return { lake: destination, destination };
}

export function partsOf(
  world: LakeWorld,
  choice: Partial<DeletionParts> = {},
  store: MemoryDestination = world.destination,
): DeletionParts {
  const config = { tableWriters: "ours" as const };
  const parts = { config, tools: toolsOf(world), places: placesOf(world, store) };
  return { ...deletionParts(parts, RETENTION_MS), ...choice };
}

/** The small objects that there are. */
export async function smallOf({ destination }: LakeWorld): Promise<string[]> {
  const keys = await destination.list(`${FOLDER}/year=`, { limit: 1000 });
  return keys.filter((key) => key.endsWith(".parquet"));
}
