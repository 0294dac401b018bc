import assert from "node:assert/strict";
import { tellInstances } from "../../../src/cli/tell_instances.ts";

const KEYS = ["snapshot.collection.shop.orders.asked-1"];

/** How soon instances look, and what was noted for them. */
async function tell(kind: string, note?: (key: string) => Promise<void>) {
  const noted: string[] = [];
  const orders = { note: note ?? ((key: string) => Promise.resolve(void noted.push(key))) };
  const app = {
    meet: (_: unknown, __: unknown, work: (m: unknown) => unknown) => work({ orders }),
  };
  const soon = await tellInstances({ lock: { kind } } as never, { app } as never, KEYS);
  return { soon, noted };
}

Deno.test("tellInstances lets those look at once that can be told", async () => {
  assert.deepEqual(await tell("redis"), { soon: "within seconds", noted: KEYS });
  assert.deepEqual(await tell("memory"), { soon: "within a minute", noted: [] });
});

Deno.test("tellInstances does not fail where nobody can be told now", async () => {
  const { soon } = await tell("destination", () => Promise.reject(new Error("away")));
  assert.equal(soon, "within a minute");
});
