/** The contracts of leases and members on a real Redis in each of its forms. */
import { testLeasesContract } from "../contract/leases_contract.ts";
import { testMembersContract } from "../contract/members_contract.ts";
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
  Deno.test(`leases and members keep their contracts on ${name}`, async (t) => {
    await using form = await start();
    const tests: [string, () => Promise<void>][] = [];
    const define = (name: string, run: () => Promise<void>) => void tests.push([name, run]);
    const open = () => openRedisFleet(form.url, form.options);
    testLeasesContract("leases", open, define);
    testMembersContract("members", open, define);
    for (const [what, run] of tests) await t.step(what, run);
  });
}
