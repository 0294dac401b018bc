import assert from "node:assert/strict";
import { streamName, targetKey } from "../../src/model/stream.ts";
import { command, type Verb } from "./operator_verbs.ts";
import type { Simulation } from "./simulation.ts";
import { SHOP } from "./targets.ts";

/** Somebody retires all collections with one command, whatever runs. */
export function retireAll(sim: Simulation): void {
  command(sim, retirement(sim));
}

/**
 * Goes on with what a retirement has begun: gives the command again until it is done, and then lets a stream of the
 * database follow. Whether nothing is left to do.
 */
export async function settleTargets(sim: Simulation): Promise<boolean> {
  if (sim.features.watch !== "retired" || sim.retired.length > 0) return true;
  const last = sim.retirements.at(-1);
  if (last?.outcome === "done") {
    const { collections } = sim.targets;
    const ends = collections.map((each) => sim.world.inspector.endOf(targetKey(each)));
    assert(ends.every((end) => end !== undefined), "a retirement is done and has no end");
    sim.changeTargets({ whole: [SHOP], collections: [], partitions: 1 });
  } else if (last === undefined || last.outcome !== undefined) {
    command(sim, retirement(sim), true);
  }
  return await Promise.resolve(false);
}

function retirement(sim: Simulation): Verb {
  const words = sim.targets.collections.map(streamName);
  return {
    name: `layout retire ${words.join(" ")}`,
    isRetirement: true,
    async work(operator) {
      const { isOnePlace } = await operator.retire(words);
      sim.world.check(() => assert(isOnePlace, `${words} were retired at different places`));
    },
  };
}
