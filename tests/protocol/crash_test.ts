/** A crash at any call to the outside, then a restart: each event is in the lake once, and all that is named is there. */
import assert from "node:assert/strict";
import { TransientError } from "../../src/model/errors.ts";
import { assertExactlyOnce, readLake } from "../support/lake_oracle.ts";
import { type Instance, LakeWorld } from "../support/lake_world.ts";
import { atCall, type Fault, type OutsideCall } from "../support/outside.ts";

const CALLS_MAX = 500;

for (const when of ["before", "after"] as const) {
  Deno.test(`a crash ${when} the effect of any call loses nothing and doubles nothing`, async () => {
    const calls = await countCrashes({ kind: "crash", when });
    // Less would mean that the runs were not what they are meant to be.
    assert(calls > 30, `only ${calls} calls`);
  });
}

Deno.test("an unknown outcome of any call, once, loses nothing and doubles nothing", async () => {
  for (const when of ["before", "after"] as const) {
    const error = new TransientError("the connection was cut");
    await countCrashes({ kind: "error", when, error });
  }
});

/** Runs the script once for each call to the lake, with the fault at that call; answers how many there are. */
async function countCrashes(fault: Fault): Promise<number> {
  for (let number = 1; number <= CALLS_MAX; number++) {
    let hit = false;
    const world = new LakeWorld(number);
    const first = world.instance();
    const plan = atCall(number, fault, isLakeCall);
    first.outside.plan = (call) => {
      const met = plan(call);
      if (met !== undefined) hit = true;
      return met;
    };
    await runScript(world, first);
    if (!hit) return number - 1;
    await readLake(world, { complete: false });
    await world.instance().runToEnd();
    await assertExactlyOnce(world).catch((cause) => {
      throw new Error(`Not exactly once after a fault at call ${number}`, { cause });
    });
  }
  throw new Error("The script does not end");
}

/** Three stretches of events over two hours, a pause and a clean stop, or as far as it comes. */
async function runScript(world: LakeWorld, one: Instance): Promise<void> {
  const running = one.run();
  let ended = false;
  const end = () => ended = true;
  running.then(end, end);
  const isOver = () => ended || one.outside.isKilled;
  for (const pause of [10, 5000, 70_000]) {
    if (isOver()) break;
    world.insert(6);
    world.insert(2, "others");
    await world.clock.until(() => isOver() || one.isCaughtUp());
    await world.clock.advance(pause);
    world.pass(3600);
  }
  one.stop();
  await world.clock.until(isOver);
  if (!one.outside.isKilled) await running.catch(() => {}); // The next copy goes on from the journal.
}

function isLakeCall({ target }: OutsideCall): boolean {
  return target === "destination" || target === "state";
}
