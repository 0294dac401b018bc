import type { Backlog } from "./backlog.ts";
import type { Contestant } from "./contestant.ts";
import type { Measurement, Result } from "./measurement.ts";

/**
 * Lets everybody run over the backlog, round by round. A machine's speed drifts, so the drain runs before and after each
 * of the others, and each is compared with its neighbours. The first result is the drain's.
 */
export async function playRounds(
  rounds: number,
  drain: Contestant,
  others: readonly Contestant[],
  backlog: Backlog,
  tell: (round: number, name: string, measurement: Measurement) => void,
): Promise<Result[]> {
  const drained: Measurement[] = [];
  const results = others.map(({ name }) => ({
    name,
    measurements: [] as Measurement[],
    ofDrain: [] as number[],
  }));
  for (let round = 1; round <= rounds; round++) {
    const run = async (contestant: Contestant) => {
      const measurement = await contestant.run(backlog);
      tell(round, contestant.name, measurement);
      return measurement;
    };
    let before = await run(drain);
    drained.push(before);
    for (const [i, other] of others.entries()) {
      const measurement = await run(other);
      const after = await run(drain);
      drained.push(after);
      const neighbours = (before.eventsPerSecond + after.eventsPerSecond) / 2;
      results[i]!.measurements.push(measurement);
      results[i]!.ofDrain.push(measurement.eventsPerSecond / neighbours);
      before = after;
    }
  }
  return [{ name: drain.name, measurements: drained, ofDrain: drained.map(() => 1) }, ...results];
}

/** Lets them run over the backlog in turn, round by round, without a drain. The measurements of each. */
export async function takeTurns(
  rounds: number,
  contestants: readonly Contestant[],
  backlog: Backlog,
  tell: (round: number, name: string, measurement: Measurement) => void,
): Promise<Measurement[][]> {
  const results = contestants.map((): Measurement[] => []);
  for (let round = 1; round <= rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const measurement = await contestant.run(backlog);
      tell(round, contestant.name, measurement);
      results[i]!.push(measurement);
    }
  }
  return results;
}
