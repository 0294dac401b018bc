/** Fleets as two instances see them, for the contract that each backend keeps. */
import { type Fleet, POLL_OFTEN } from "../../src/coordinate/fleet.ts";
import { createFolderObjects } from "../../src/coordinate/objects/folder_objects.ts";
import { createObjectFleet } from "../../src/coordinate/objects/object_fleet.ts";
import type { SharedObjects } from "../../src/coordinate/objects/shared_objects.ts";
import { openFleet } from "../../src/coordinate/open_fleet.ts";
import { connectRedis, type RedisConnectionOptions } from "../../src/state/redis_connection.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { S3SharedObjects } from "../../src/destination/s3/s3_shared_objects.ts";
import { ensureBucket, s3TestOptions } from "./s3_bucket.ts";
import { uniqueName } from "./services.ts";

export interface FleetUnderTest extends AsyncDisposable {
  /** A time to live that is over while a test waits, and that a slow machine does not miss. Default 20. */
  readonly shortMs?: number;
  readonly one: Fleet;
  /** The same fleet as another instance sees it. */
  readonly other: Fleet;
}

/** Defines a test over a fleet of its own. */
export type DefineFleetTest = (what: string, run: (fleet: FleetUnderTest) => Promise<void>) => void;

export function openMemoryFleet(): Promise<FleetUnderTest> {
  const fleet = openFleet({ kind: "memory" }, systemClock, systemRandom);
  return Promise.resolve(under(fleet, fleet, () => Promise.resolve()));
}

const BUCKET = "fleet-contract";

/** Asks for everything anew at each call. */
export const NEVER_OLD = { lookMs: 0, beatMs: 0, listMs: 0, readMs: 0 };

/** A fleet that meets in objects; `open` opens the same ones again. */
export async function openObjectFleet(
  open: () => Promise<SharedObjects>,
  dispose: () => Promise<void> = () => Promise.resolve(),
): Promise<FleetUnderTest> {
  const one = async () =>
    createObjectFleet({
      ...{ objects: await open(), timing: NEVER_OLD, poll: POLL_OFTEN },
      ...{ clock: systemClock, random: systemRandom },
    });
  return { ...under(await one(), await one(), dispose), shortMs: 400 };
}

/** A fleet of its own in the bucket of the tests' S3 server. */
export async function openS3Fleet(): Promise<FleetUnderTest> {
  await ensureBucket(BUCKET);
  const folder = `${uniqueName("fleet")}/_tributary/fleet/orders/`;
  const options = { bucket: BUCKET, folder, s3: s3TestOptions(), requestMsMax: 60_000 };
  const opened: S3SharedObjects[] = [];
  const open = () => {
    opened.push(new S3SharedObjects(options, { clock: systemClock, random: systemRandom }));
    return Promise.resolve(opened.at(-1)!);
  };
  return await openObjectFleet(open, async () => {
    for (const objects of opened) await objects.close();
  });
}

export async function openFileFleet(): Promise<FleetUnderTest> {
  const root = await Deno.makeTempDir();
  const folder = `${root}/not/yet/there`;
  return await openObjectFleet(
    () => Promise.resolve(createFolderObjects(folder, systemClock, systemRandom)),
    () => Deno.remove(root, { recursive: true }),
  );
}

/** A fleet of its own in the Redis at the URL; its keys are removed at the end. */
export function openRedisFleet(
  url: string,
  options: Partial<RedisConnectionOptions> = {},
): Promise<FleetUnderTest> {
  const parts = { clock: systemClock, random: systemRandom, callMsMax: 60_000, ...options };
  const connections = [connectRedis(url, parts), connectRedis(url, parts)] as const;
  const prefix = `{${uniqueName("tributary-fleet")}:pipeline}`;
  const [a, b] = connections.map((redis) =>
    openFleet({ kind: "redis", redis, prefix }, systemClock, systemRandom)
  );
  const fleet = under(a!, b!, async () => {
    const call = connections[0].call;
    const streams = await call("SMEMBERS", `${prefix}:locks`) as string[];
    const owners = await call("SMEMBERS", `${prefix}:members`) as string[];
    const keys = [
      ...streams.flatMap((
        stream,
      ) => [`${prefix}:lock:${stream}`, `${prefix}:generation:${stream}`]),
      ...owners.map((owner) => `${prefix}:member:${owner}`),
      ...[
        `${prefix}:locks`,
        `${prefix}:members`,
        `${prefix}:changes`,
        `${prefix}:paused`,
        `${prefix}:flushes`,
      ],
    ];
    await call("DEL", ...keys);
    for (const connection of connections) await connection.close();
  });
  return Promise.resolve(fleet);
}

function under(one: Fleet, other: Fleet, dispose: () => Promise<void>): FleetUnderTest {
  return { one, other, [Symbol.asyncDispose]: dispose };
}
