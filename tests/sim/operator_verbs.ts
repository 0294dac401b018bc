import type { Operator } from "../../src/operate/operator.ts";
import type { Point } from "../../src/model/start_from.ts";
import { type Stream, streamKey, streamName, targetsOverlap } from "../../src/model/stream.ts";
import { SimOperator } from "./sim_operator.ts";
import { SHOP } from "./targets.ts";
import type { Simulation } from "./simulation.ts";

/** What a person asks for. */
export interface Verb {
  readonly name: string;
  readonly work: (operator: Operator) => Promise<unknown>;
  readonly isRetirement?: boolean;
}

/** How often an operator dies on the way, and at which of its first writes at the latest. */
const DEATHS = 0.3;
const DEATH_WRITES_MAX = 4;

const PARTITIONS_MAX = 4;

/** A command that somebody gives now; sometimes the same one is given again soon. `calmly`: once, and it lives. */
export function command(sim: Simulation, verb = anyVerb(sim), calmly = false): void {
  const { extra, world } = sim;
  if (!calmly && extra.chance(0.2)) {
    world.clock.after(extra.below(3000), () => start(sim, verb, DEATHS));
  }
  start(sim, verb, calmly ? 0 : DEATHS);
}

function start(sim: Simulation, { name, work, isRetirement }: Verb, deaths: number): void {
  const { extra } = sim;
  const when = extra.pick(["before", "after"] as const);
  const atWrite = extra.below(DEATH_WRITES_MAX);
  const operator = new SimOperator(sim.world, {
    name: String(sim.operators.length + 1),
    settings: sim.settings,
    options: sim.options(),
    random: extra,
    takesSnapshots: sim.features.snapshots,
    ...(extra.chance(deaths) ? { death: { atWrite, when } } : {}),
  }, work);
  sim.world.log.add(operator.name, name);
  sim.operators.push(operator);
  if (isRetirement === true) sim.retirements.push(operator);
}

function anyVerb(sim: Simulation): Verb {
  const { extra } = sim;
  const target = extra.pick<Stream>([...sim.targets.whole, ...sim.collections(), ...sim.retired]) ??
    SHOP;
  const word = streamName(target);
  switch (extra.below(4)) {
    case 0:
    case 1: {
      const point = anyPoint(sim);
      const force = extra.chance(0.7);
      return {
        name: `position set ${word} ${JSON.stringify(point)} ${force ? "--force" : ""}`,
        work: (operator) => operator.move(word, point, force),
      };
    }
    case 2: {
      const at = extra.chance(0.5) ? anyPoint(sim) : undefined;
      return {
        name: `position adopt ${word} ${JSON.stringify(at)}`,
        work: (operator) => operator.adopt(word, at),
      };
    }
    default: {
      if (target.level !== "collection") return pausing(sim, target);
      const of = 1 + extra.below(PARTITIONS_MAX);
      return {
        name: `layout set ${word} ${of}`,
        work: (operator) => operator.divide(target, of),
      };
    }
  }
}

function anyPoint({ extra, world: { oplog } }: Simulation): Point {
  // The token of an event that is split is not one that any reader has seen.
  const recent = oplog.entries.slice(-20).filter(({ change }) => change.unreadable === undefined);
  if (recent.length === 0 || extra.chance(0.4)) return { kind: "now" };
  const { time, data } = extra.pick(recent);
  return extra.chance(0.5) ? { kind: "operation", time } : { kind: "token", data };
}

/** All streams of a target are to pause for a while. */
function pausing(sim: Simulation, target: Stream): Verb {
  const { world, extra } = sim;
  const ms = extra.below(20_000);
  return {
    name: `pause ${streamName(target)} for ${ms} ms`,
    async work() {
      const streams = await sim.streams();
      for (const key of streams.filter((each) => targetsOverlap(each, target)).map(streamKey)) {
        await world.redis.orders.pause(key);
        world.clock.after(ms, () => void world.redis.orders.resume(key));
      }
    },
  };
}
