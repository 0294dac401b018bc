import { positionAt } from "../../src/model/position.ts";
import type { GenesisRecord } from "../../src/model/record.ts";
import { type Stream, streamKey } from "../../src/model/stream.ts";
import { LakeWorld } from "./lake_world.ts";

/** A lake in which these streams are closed at these seconds. */
export async function lakeWith(
  closed: readonly (readonly [Stream, number])[],
  reason = "retired",
): Promise<LakeWorld> {
  const world = new LakeWorld();
  for (const [stream, t] of closed) await closeAt(world, stream, t, reason);
  return world;
}

/** Begins the journal of a stream, and closes it. */
export async function closeAt(
  world: LakeWorld,
  stream: Stream,
  t: number,
  reason = "retired",
): Promise<void> {
  const other = new LakeWorld();
  await other.instance().runToEnd();
  const [genesis] = await other.records() as [GenesisRecord];
  await world.journal.append(streamKey(stream), { ...genesis, stream });
  const { stream: _1, lake: _2, source: _3, settings: _4, ...base } = genesis;
  await world.journal.append(streamKey(stream), {
    ...base,
    kind: "closed",
    seq: 1,
    id: "closed",
    to: positionAt({ t, i: 1 }),
    reason,
  });
}
