/** What leases in a bucket cost: each thing that the fleet asks for is one request, counted on the way to the server. */
import assert from "node:assert/strict";
import { POLL_OFTEN } from "../../src/coordinate/fleet.ts";
import { createObjectFleet } from "../../src/coordinate/objects/object_fleet.ts";
import { S3SharedObjects } from "../../src/destination/s3/s3_shared_objects.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { holderOf } from "../support/object_world.ts";
import { ensureBucket, s3TestOptions } from "../support/s3_bucket.ts";
import { s3Endpoint, uniqueName } from "../support/services.ts";

const BUCKET = "fleet-requests";
const LONG_MS = 3_600_000;

Deno.test("many leases are taken and refreshed with one PUT each time, and a look at the others is one GET and one LIST", async () => {
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
  // What was asked a moment ago is good enough, however slow the machine.
  const timing = { lookMs: LONG_MS, beatMs: LONG_MS, listMs: LONG_MS, readMs: LONG_MS };
  const open = () => createObjectFleet({ objects, timing, poll: POLL_OFTEN, ...tools });
  const { leases } = open();
  const streams = Array.from({ length: 30 }, (_, i) => `collection.shop.c${i}`);
  const take = (stream: string) => leases.take(stream, holderOf("a"), LONG_MS);
  assert.deepEqual(await Promise.all(streams.map(take)), streams.map(() => 1));
  assert.deepEqual(requests.splice(0), ["GET", "LIST", "PUT"], "a look, and one swap for all");
  await Promise.all(
    streams.map((stream) => leases.refresh(stream, { ...holderOf("a"), generation: 1 }, LONG_MS)),
  );
  assert.deepEqual(requests.splice(0), ["LIST", "PUT"], "a place for it, and one refresh for all");
  const other = open();
  await other.changes();
  await Promise.all([other.members.list(), other.leases.list(), other.orders.paused()]);
  assert.deepEqual(
    requests.splice(0),
    ["GET", "LIST", "GET"],
    "the division, all, and the new one",
  );
  await objects.close();
});
