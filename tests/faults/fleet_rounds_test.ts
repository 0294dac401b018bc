/** Things that go wrong at random, one after the other, in a fleet at work. `FLEET_SEED` plays a run again. */
import { systemRandom } from "../../src/support/random.ts";
import {
  changeSettings,
  cutFromRedis,
  cutFromS3,
  emptyRedis,
  freezeBusiest,
  joinTwo,
  killBusiest,
  loseRedis,
  restartAll,
  stopBusiest,
} from "../support/fleet_faults.ts";
import { playSceneWell } from "../support/fleet_scene.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const FLEETS = 4;
const ROUNDS = 5;
const SEEDS = 1_000_000;

const FAULTS = [
  ...[killBusiest, stopBusiest, freezeBusiest, loseRedis, emptyRedis],
  ...[cutFromRedis, cutFromS3, restartAll, changeSettings, joinTwo],
];

const firstSeed = Number(
  Deno.env.get("FLEET_SEED") ?? Math.floor(systemRandom.fraction() * SEEDS),
);

for (let number = 0; number < FLEETS; number++) {
  const name = `a fleet survives ${ROUNDS} random faults in a row (${
    number + 1
  } of ${FLEETS} fleets)`;
  Deno.test(name, async () => {
    const seed = firstSeed + number;
    console.log(`FLEET_SEED=${seed}`);
    const random = new SeededRandom(seed);
    await playSceneWell({ lake: "s3", ttlSeconds: 3 }, async (scene) => {
      for (let round = 1; round <= ROUNDS; round++) {
        const fault = random.pick(FAULTS);
        console.log(`round ${round}: ${fault.name}`);
        await fault(scene);
      }
    });
  });
}
