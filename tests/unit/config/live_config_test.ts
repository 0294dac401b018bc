import assert from "node:assert/strict";
import { LiveConfig } from "../../../src/config/live_config.ts";
import { configOf } from "../../support/load_config.ts";

Deno.test("LiveConfig.replace() puts another configuration into force and tells all listeners", () => {
  const live = new LiveConfig(configOf({}));
  const told: number[] = [];
  live.onReplaced(({ batchRowsMax }) => told.push(batchRowsMax));
  live.onReplaced(() => told.push(live.current.batchRowsMax));
  live.replace(configOf({ BATCH_SIZE: "7" }));
  assert.deepEqual(told, [7, 7]);
  assert.equal(live.current.batchRowsMax, 7);
});

Deno.test("LiveConfig keeps what was refused last, until something is taken", () => {
  const live = new LiveConfig(configOf({}));
  assert.equal(live.refused, undefined);
  live.refuse({ atMs: 5, reason: "FORMAT is x" });
  assert.deepEqual(live.refused, { atMs: 5, reason: "FORMAT is x" });
  live.taken();
  assert.equal(live.refused, undefined);
  live.refuse({ atMs: 6, reason: "FORMAT is y" });
  live.replace(configOf({ BATCH_SIZE: "7" }));
  assert.equal(live.refused, undefined);
});

Deno.test("LiveConfig tells at once that something was refused, and that it is no longer", () => {
  const live = new LiveConfig(configOf({}));
  const told: (string | undefined)[] = [];
  live.onRefusal(() => told.push(live.refused?.reason));
  live.taken();
  live.refuse({ atMs: 5, reason: "FORMAT is x" });
  live.refuse({ atMs: 6, reason: "FORMAT is y" });
  live.taken();
  live.replace(configOf({ BATCH_SIZE: "7" }));
  assert.deepEqual(told, ["FORMAT is x", "FORMAT is y", undefined]);
});
