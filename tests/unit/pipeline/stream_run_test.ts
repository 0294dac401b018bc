import assert from "node:assert/strict";
import { createInlineEncoder } from "../../../src/encode/inline_encoder.ts";
import type { Encoder } from "../../../src/pipeline/stages.ts";
import { sleep } from "../../../src/support/clock.ts";
import { assertExactlyOnce } from "../../support/lake_oracle.ts";
import { LakeWorld } from "../../support/lake_world.ts";
import type { VirtualClock } from "../../support/virtual_clock.ts";

Deno.test("StreamRun waits for the encoder when the next event needs another object than there may be", async () => {
  const world = new LakeWorld();
  for (let hour = 0; hour < 5; hour++) {
    world.insert(1);
    world.pass(3600);
  }
  const one = world.instance({
    encoder: slowEncoder(world.clock),
    options: {
      encodesInFlightMax: 1,
      batch: { rowsMax: 100, bytesMax: 1 << 20, objectsMax: 1 },
    },
  });
  await one.runToEnd();
  const { records } = await assertExactlyOnce(world);
  assert.equal(records.filter((r) => r.kind === "batch").length, 5);
});

/** An encoder that needs time, as one in a thread does. */
function slowEncoder(clock: VirtualClock): Encoder {
  const inner = createInlineEncoder(clock);
  return {
    async encode(request) {
      await sleep(clock, 100);
      return await inner.encode(request);
    },
  };
}
