/** The contract of a fleet on a real Redis in each of its forms. */
import { testFleetContract } from "../contract/fleet_contract.ts";
import { openRedisFleet } from "../support/fleets.ts";
import {
  type RedisForm,
  startCluster,
  startSentinel,
  startStandalone,
  startWithAccessList,
  startWithTls,
} from "../support/redis_forms.ts";

const FORMS: Readonly<Record<string, () => Promise<RedisForm>>> = {
  "a standalone Redis": startStandalone,
  "a Redis whose user may do nothing else": startWithAccessList,
  "a Redis over TLS": startWithTls,
  "a Redis that a Sentinel watches": startSentinel,
  "a Redis Cluster": startCluster,
};

for (const [name, start] of Object.entries(FORMS)) {
  Deno.test(`a fleet keeps its contract on ${name}`, async (t) => {
    await using form = await start();
    const tests: [string, () => Promise<void>][] = [];
    const define = (name: string, run: () => Promise<void>) => void tests.push([name, run]);
    const open = () => openRedisFleet(form.url, form.options);
    testFleetContract("fleet", open, define);
    for (const [what, run] of tests) await t.step(what, run);
  });
}
