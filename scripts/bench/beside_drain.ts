import { startMongod } from "../services.ts";
import { type Backlog, oplogMegabytes } from "./backlog.ts";
import type { Arena, Contestant, Place } from "./contestant.ts";
import { bestBatchSize, createDrain } from "./drain_contestant.ts";
import type { Result } from "./measurement.ts";
import type { BenchOptions } from "./options.ts";
import { prepare } from "./prepare.ts";
import { roundLine } from "./report.ts";
import { playRounds } from "./rounds.ts";

/** Where nobody looks for the best one. */
const DRAIN_BATCH_SIZE_QUICK = 5_000;

/** One backlog, on a mongod of its own. */
export interface Scene {
  readonly arena: Arena;
  readonly backlog: Backlog;
  /** That of the drain. */
  readonly batchSize: number;
}

/**
 * Lets the contestants run over one backlog beside the drain, round by round. `batchRows`: as many events more, so that the last
 * batch is full.
 */
export async function measureBesideDrain(
  { shape, events: counted, rounds, quick }: BenchOptions,
  place: Place,
  batchRows: number,
  contestants: (scene: Scene) => Promise<readonly Contestant[]>,
): Promise<{ readonly drainBatchSize: number; readonly results: Result[] }> {
  const size = { shape, counted, batchRows };
  await using mongod = await startMongod({ oplogMegabytes: Math.max(1024, oplogMegabytes(size)) });
  const backlog = await prepare(mongod, size);
  const arena = { ...place, mongodPid: mongod.pid };
  const batchSize = quick ? DRAIN_BATCH_SIZE_QUICK : await bestBatchSize(arena, backlog);
  const drain = await createDrain(arena, backlog, batchSize);
  const others = await contestants({ arena, backlog, batchSize });
  const tell = (...round: Parameters<typeof roundLine>) => console.log(roundLine(...round));
  const results = await playRounds(rounds, drain, others, backlog, tell);
  return { drainBatchSize: batchSize, results };
}
