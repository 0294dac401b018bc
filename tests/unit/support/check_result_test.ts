import assert from "node:assert/strict";
import { type Finding, findingsOf } from "../../../src/support/check_result.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const FINE: Finding = { subject: "Disk", state: "ok", text: "turns" };

Deno.test("findingsOf answers what was found", async () => {
  const found = await findingsOf("Disk", new VirtualClock(), 1000, () => Promise.resolve([FINE]));
  assert.deepEqual(found, [FINE]);
});

Deno.test("findingsOf makes a finding of an error, also of one thrown at once", async () => {
  const failed = [{ subject: "Disk", state: "failed", text: "it broke" }];
  const look = () => Promise.reject(new Error("it broke"));
  assert.deepEqual(await findingsOf("Disk", new VirtualClock(), 1000, look), failed);
  const throwing = () => {
    throw new Error("it broke");
  };
  assert.deepEqual(await findingsOf("Disk", new VirtualClock(), 1000, throwing), failed);
});

Deno.test("findingsOf does not wait longer than the limit", async () => {
  const clock = new VirtualClock();
  const looking = findingsOf("Disk", clock, 9000, () => new Promise(() => {}));
  await clock.advance(9000);
  assert.deepEqual(await looking, [
    { subject: "Disk", state: "failed", text: "no answer within 9 s" },
  ]);
});
