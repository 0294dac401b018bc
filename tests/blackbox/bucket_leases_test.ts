/** Several processes that share their streams with nothing but what they write to. */
import assert from "node:assert/strict";
import { Fleet } from "../support/fleet.ts";
import { assertRight } from "../support/fleet_judge.ts";
import { createS3Lake, type FleetLake } from "../support/fleet_lake.ts";
import { startFleetWriter } from "../support/fleet_writer.ts";
import { redisUrl, uniqueName } from "../support/services.ts";

const COLLECTIONS = ["c1", "c2", "c3", "c4"];

/** So long that a slow machine refreshes in time. */
const TTL_SECONDS = 15;

function openFleet(lake: FleetLake, where: { readonly redisUrl?: string } = {}): Fleet {
  const database = uniqueName("fleet");
  return new Fleet({ lake, database, collections: COLLECTIONS, ttlSeconds: TTL_SECONDS, ...where });
}

Deno.test("a second copy with the same settings shares the work, and verbs see and steer both in the bucket", async () => {
  await using lake = await createS3Lake();
  await using fleet = openFleet(lake);
  await fleet.open(2);
  await using writer = startFleetWriter(fleet.database, COLLECTIONS);
  const shown = JSON.parse((await fleet.run("status", "--json")).stdout);
  assert.deepEqual(
    shown.instances.map(({ name, streams }: { name: string; streams: number }) => [name, streams]),
    [["i1", 2], ["i2", 2]],
  );
  const stream = `${fleet.database}.c1`;
  assert.equal((await fleet.run("pause", stream)).code, 0);
  fleet.streams = COLLECTIONS.length - 1;
  await fleet.settled();
  assert.equal((await fleet.run("resume", stream)).code, 0);
  fleet.streams = COLLECTIONS.length;
  await fleet.settled();
  assert.equal((await fleet.run("flush", stream)).code, 0);
  assert.match((await fleet.run("lock", "show")).stdout, /c4.* i[12]/);
  await fleet.kill(fleet.instances[0]!);
  await fleet.settled();
  await fleet.finish(writer);
  await assertRight(lake, writer);
});

Deno.test("a rolling restart moves leases from Redis to the bucket and back, and each event lands once", async () => {
  await using lake = await createS3Lake();
  await using fleet = openFleet(lake, { redisUrl: redisUrl() });
  await fleet.open(2);
  await using writer = startFleetWriter(fleet.database, COLLECTIONS);
  for (const leases of ["destination", "redis"]) {
    const old = fleet.instances;
    for (const each of old) {
      const fresh = fleet.start({ LEASES: leases });
      await fresh.program.line(/Waiting for .*whose leases are in /);
      await fleet.stop(each);
    }
    const before = await fleet.journals.rows();
    await fleet.until(`those with ${leases} go on`, async () => {
      return await fleet.journals.rows() > before;
    });
  }
  await fleet.settled();
  await fleet.finish(writer);
  await assertRight(lake, writer);
});
