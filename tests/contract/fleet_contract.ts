/** What every backend of a fleet must do, whatever it keeps it in. */
import assert from "node:assert/strict";
import type { FleetUnderTest } from "../support/fleets.ts";
import { testLeasesContract } from "./leases_contract.ts";
import { testMembersContract } from "./members_contract.ts";
import { testNewsContract } from "./news_contract.ts";
import { testOrdersContract } from "./orders_contract.ts";

/** `define` is told each test; by default it stands for itself. */
export function testFleetContract(
  name: string,
  open: () => Promise<FleetUnderTest>,
  define: (name: string, run: () => Promise<void>) => void = (name, run) => Deno.test(name, run),
): void {
  const test = (what: string, run: (fleet: FleetUnderTest) => Promise<void>) =>
    define(`${name}: ${what}`, async () => {
      await using fleet = await open();
      await run(fleet);
    });
  testLeasesContract(test);
  testMembersContract(test);
  testNewsContract(test);
  testOrdersContract(test);

  test("the backend says how often it wants to be asked", ({ one }) => {
    const { changesMs, handOverMs, leaseMs, viewMs } = one.poll;
    for (const each of [changesMs, handOverMs, leaseMs, viewMs]) assert(each > 0, String(each));
    assert(handOverMs <= changesMs, "a hand-over is waited for");
    assert(changesMs <= viewMs, "what instances do comes before what people see");
    return Promise.resolve();
  });

  test("asking changes nothing", async ({ one, other }) => {
    const before = await one.changes();
    await Promise.all([other.members.list(), other.leases.list(), other.orders.paused()]);
    assert.equal(await one.changes(), before);
    assert.equal(await other.changes(), before, "both see the same");
  });
}
