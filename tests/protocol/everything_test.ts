/** Drops, events that cannot be read, changes of settings, crashes, lost answers and rival writers, all at once. */
import { TransientError } from "../../src/model/errors.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import { assertExactlyOnce, readLake } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld, SETTINGS } from "../support/lake_world.ts";
import type { Fault } from "../support/outside.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const SEEDS = Number(Deno.env.get("PROTOCOL_SEEDS") ?? 25);
const ROUNDS = 15;

Deno.test("whatever happens at once, each event is in the lake exactly once", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    await runWorld(seed).catch((cause) => {
      throw new Error(`Failed with seed ${seed}`, { cause });
    });
  }
});

async function runWorld(seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const world = new LakeWorld(seed);
  const dead: string[] = [];
  let settings: StreamSettings = { ...SETTINGS, fullDocument: "required" };
  let writers: Instance[] = [];
  const start = () => {
    const one = world.instance({
      settings,
      latencyMs: () => random.chance(0.8) ? 0 : random.below(300),
    });
    one.outside.plan = () => pickFault(random);
    void one.supervise();
    return one;
  };
  for (let round = 0; round < ROUNDS; round++) {
    if (random.chance(0.15)) settings = changed(settings, random);
    while (writers.length < 2 && random.chance(0.7)) writers.push(start());
    for (let n = random.below(12); n > 0; n--) change(world, random, dead);
    if (random.chance(0.3)) {
      writers.push(start());
      random.pick(writers).outside.kill();
    }
    await world.clock.advance(random.below(8000));
    writers = writers.filter((one) => !one.outside.isKilled);
    await readLake(world, { complete: false });
  }
  for (const one of writers) one.outside.kill();
  // What they have sent may still arrive.
  await world.clock.advance(1000);
  await world.instance({ settings }).runToEnd();
  await assertExactlyOnce(world, { dead });
}

/** Calls fail now and then, before or after their effect, or are the last. */
function pickFault(random: SeededRandom): Fault | undefined {
  if (random.chance(0.97)) return undefined;
  const when = random.pick(["before", "after"] as const);
  if (random.chance(0.1)) return { kind: "crash", when };
  return { kind: "error", when, error: new TransientError("the connection was cut") };
}

function change(world: LakeWorld, random: SeededRandom, dead: string[]): void {
  const place = { database: "shop", collection: "orders" };
  const kind = random.fraction();
  if (kind < 0.06) world.oplog.append({ ...place, operation: "drop" });
  else if (kind < 0.12) {
    const unreadable = random.pick(["image-missing", "too-large"] as const);
    dead.push(world.oplog.append({ ...place, operation: "update", unreadable }).data);
  } else if (kind < 0.2) world.pass(random.below(4000));
  else world.insert(1, random.pick(["orders", "orders", "others"]));
}

function changed(settings: StreamSettings, random: SeededRandom): StreamSettings {
  const keyRule = random.pick([SETTINGS.keyRule, { template: "", bucket: "none" as const }]);
  return { ...settings, keyRule, encoderVersion: random.below(5) };
}
