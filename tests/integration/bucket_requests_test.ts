/** What leases in a bucket cost: each thing that the fleet asks for is one request, counted on the way to the server. */
import assert from "node:assert/strict";
import { POLL_OFTEN } from "../../src/coordinate/fleet.ts";
import { createObjectFleet } from "../../src/coordinate/objects/object_fleet.ts";
import { S3SharedObjects } from "../../src/destination/s3/s3_shared_objects.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { holderOf, memberOf } from "../support/object_world.ts";
import { ensureBucket, s3TestOptions } from "../support/s3_bucket.ts";
import { s3Endpoint, uniqueName } from "../support/services.ts";

const BUCKET = "fleet-requests";
const LONG_MS = 3_600_000;

Deno.test("a refresh of many leases is one PUT, and a look at the others one GET and one LIST", async () => {
  await ensureBucket(BUCKET);
  const requests: string[] = [];
  const { hostname, port } = new URL(s3Endpoint());
  await using proxy = new FaultProxy({
    target: { hostname, port: Number(port) },
    onRequest: (method, target) => {
      requests.push(target.includes("list-type=2") ? "LIST" : method);
    },
  });
  const tools = { clock: systemClock, random: systemRandom };
  const s3 = s3TestOptions(proxy.url);
  const place = { bucket: BUCKET, folder: `${uniqueName("fleet")}/`, s3, requestMsMax: 60_000 };
  const objects = new S3SharedObjects(place, tools);
  // What is asked in one go is answered together, however slow the machine; the next go asks anew.
  let goMs = 0;
  const clock = { ...systemClock, monotonicMs: () => goMs };
  const timing = { lookMs: 0, beatMs: 0, listMs: 0, readMs: LONG_MS };
  const poll = POLL_OFTEN;
  const fleet = createObjectFleet({ objects, timing, clock, random: systemRandom, poll });
  await fleet.members.announce(memberOf("a"), LONG_MS);
  const streams = Array.from({ length: 30 }, (_, i) => `collection.shop.c${i}`);
  const take = (stream: string) => fleet.leases.take(stream, holderOf("a"), LONG_MS);
  const generations = await Promise.all(streams.map(take));
  assert.deepEqual(generations, streams.map(() => 1));
  await fleet.members.list();
  requests.length = 0;
  goMs++;
  await Promise.all(
    streams.map((stream) =>
      fleet.leases.refresh(stream, { ...holderOf("a"), generation: 1 }, LONG_MS)
    ),
  );
  assert.deepEqual(requests.toSorted(), ["GET", "PUT"]);
  requests.length = 0;
  goMs++;
  await fleet.changes();
  await Promise.all([fleet.members.list(), fleet.leases.list(), fleet.orders.paused()]);
  assert.deepEqual(requests.toSorted(), ["GET", "LIST"]);
  await objects.close();
});
