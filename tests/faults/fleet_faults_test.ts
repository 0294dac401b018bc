/** Three processes at work on twelve collections, and one thing that goes wrong: each event lands once, in order. */
import {
  changeSettings,
  cutFromRedis,
  cutFromS3,
  emptyRedis,
  type Fault,
  freezeBusiest,
  joinTwo,
  killBusiest,
  loseRedis,
  loseS3,
  restartAll,
  stopBusiest,
} from "../support/fleet_faults.ts";
import { playSceneWell, type SceneOptions } from "../support/fleet_scene.ts";

const FAULTS: readonly {
  readonly what: string;
  readonly fault: Fault;
  readonly lake: SceneOptions["lake"];
  readonly leases?: SceneOptions["leases"];
  readonly ttlSeconds?: number;
}[] = [
  { what: "the busiest process is killed", fault: killBusiest, lake: "folder" },
  { what: "the busiest process is stopped", fault: stopBusiest, lake: "folder" },
  {
    what: "the busiest process is frozen for twice its TTL",
    fault: freezeBusiest,
    lake: "s3",
  },
  { what: "Redis is away until all leases are over", fault: loseRedis, lake: "folder" },
  { what: "Redis restarts empty", fault: emptyRedis, lake: "folder" },
  { what: "one process does not reach Redis", fault: cutFromRedis, lake: "folder" },
  { what: "one process does not reach S3", fault: cutFromS3, lake: "s3" },
  { what: "all processes are replaced one by one", fault: restartAll, lake: "folder" },
  { what: "processes with other settings come in", fault: changeSettings, lake: "folder" },
  { what: "two processes join at once", fault: joinTwo, lake: "folder" },
  ...([
    { what: "the busiest process is killed", fault: killBusiest },
    { what: "the busiest process is frozen for twice its TTL", fault: freezeBusiest },
    { what: "one process does not reach S3", fault: cutFromS3 },
    { what: "nobody reaches S3", fault: loseS3 },
    { what: "all processes are replaced one by one", fault: restartAll },
  ] as const).map(({ what, fault }) => ({
    ...{ what: `${what}, with nothing but the bucket`, fault },
    ...{ lake: "s3", leases: "destination", ttlSeconds: 15 } as const,
  })),
  {
    what: "a process is killed, with nothing but a folder",
    ...{ fault: killBusiest, lake: "folder", leases: "destination" },
  },
];

for (const { what, fault, lake, leases = "redis", ttlSeconds = 5 } of FAULTS) {
  Deno.test(`a fleet writes each event once, in order, while ${what}`, async () => {
    // Small enough for a slow machine: there a store that is busy with uploads answers the leases late.
    const small = leases === "redis" ? {} : { collections: 6, env: { BATCH_TIMEOUT: "2s" } };
    await playSceneWell({ lake, leases, ttlSeconds, ...small }, async (scene) => {
      await fault(scene);
    });
  });
}
