import { choosyEncoder } from "./choosy_encoder.ts";
import { LakeWorld } from "./lake_world.ts";

/** A lake of so many inserts in which those with odd numbers are dead letters, four events a record. */
export async function lakeWithLetters(
  events: number,
  reason?: string,
  world = new LakeWorld(),
): Promise<LakeWorld> {
  world.insert(events);
  const encoder = choosyEncoder(world.clock, (number) => number % 2 === 1, reason);
  const batch = { rowsMax: 4, bytesMax: 1 << 20, objectsMax: 9 };
  await world.instance({ encoder, options: { batch } }).runToEnd();
  return world;
}
