/**
 * Measures how long a fleet's streams are silent when something goes wrong, and prints the rows of the table in
 * `docs/failure-times.md`. Needs what the tests of faults need: `TRIBUTARY_BIN` and the tests' servers.
 *
 *     deno run -A tests/faults/failure_times.ts [part of a scenario and its TTL, as "object 5 s"]
 */
import { sleep, systemClock } from "../../src/support/clock.ts";
import {
  cutFromRedis,
  cutFromS3,
  emptyRedis,
  type Fault,
  type FaultScene,
  freezeBusiest,
  type Incident,
  joinTwo,
  killBusiest,
  loseRedis,
  loseS3,
  restartAll,
  stopBusiest,
} from "../support/fleet_faults.ts";
import { playScene } from "../support/fleet_scene.ts";
import { secondsOfSilence, secondsToObjects } from "../support/fleet_times.ts";

const RUNS = 3;

const QUIET_MS = 10_000;

interface Scenario {
  readonly what: string;
  readonly fault: Fault;
  readonly ttlSeconds: number;
  readonly lake?: "s3";
  readonly leases?: "destination";
  /** No signs of life: as if each process had a machine of its own. */
  readonly apart?: true;
  /** From the incident on, instead of from the last object before it. */
  readonly fromIncident?: true;
}

const SCENARIOS: readonly Scenario[] = [
  { what: "nothing happens", fault: nothing, ttlSeconds: 5 },
  { what: "kill -9 to first object", fault: killBusiest, ttlSeconds: 5, fromIncident: true },
  { what: "kill -9 to first object", fault: killBusiest, ttlSeconds: 30, fromIncident: true },
  { what: "SIGTERM of the busiest", fault: stopBusiest, ttlSeconds: 30 },
  { what: "hand-over to two that join", fault: joinTwo, ttlSeconds: 30 },
  { what: "rolling restart of all", fault: restartAll, ttlSeconds: 30 },
  { what: "SIGSTOP for twice the TTL, SIGCONT", fault: freezeBusiest, ttlSeconds: 5 },
  { what: "Redis killed, back at once, empty", fault: emptyRedis, ttlSeconds: 5 },
  { what: "Redis away until all leases are over", fault: loseRedis, ttlSeconds: 5 },
  { what: "busiest cut off from Redis", fault: cutFromRedis, ttlSeconds: 5 },
  { what: "busiest cut off from S3 for 10 s", fault: cutFromS3, ttlSeconds: 5, lake: "s3" },
  ...inTheBucket(),
];

/** The same with nothing but the bucket. */
function inTheBucket(): readonly Scenario[] {
  const bucket = { lake: "s3", leases: "destination" } as const;
  const killed = { what: "bucket: kill -9 to first object", fault: killBusiest } as const;
  const lost = { what: "bucket: a machine lost to first object", fault: killBusiest } as const;
  return [
    { what: "bucket: nothing happens", fault: nothing, ttlSeconds: 15, ...bucket },
    { ...killed, ttlSeconds: 15, fromIncident: true, ...bucket },
    { ...killed, ttlSeconds: 30, fromIncident: true, ...bucket },
    { ...lost, ttlSeconds: 15, fromIncident: true, apart: true, ...bucket },
    { ...lost, ttlSeconds: 30, fromIncident: true, apart: true, ...bucket },
    { what: "bucket: SIGTERM of the busiest", fault: stopBusiest, ttlSeconds: 30, ...bucket },
    { what: "bucket: hand-over to two that join", fault: joinTwo, ttlSeconds: 30, ...bucket },
    { what: "bucket: rolling restart of all", fault: restartAll, ttlSeconds: 30, ...bucket },
    { what: "bucket: SIGSTOP for twice the TTL", fault: freezeBusiest, ttlSeconds: 15, ...bucket },
    { what: "bucket: the busiest cut off for 30 s", fault: cutFromS3, ttlSeconds: 15, ...bucket },
    { what: "bucket: all cut off for 30 s", fault: loseS3, ttlSeconds: 15, ...bucket },
  ];
}

async function nothing({ fleet }: FaultScene): Promise<Incident> {
  const streams = await fleet.allStreams();
  const fromMs = systemClock.wallMs();
  await fleet.stored({ streams, fromMs });
  await sleep(systemClock, QUIET_MS);
  return { streams, fromMs, untilMs: systemClock.wallMs() };
}

/** Median, least, most. */
function spread(seconds: readonly number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b);
  const shown = [sorted[Math.floor(sorted.length / 2)]!, sorted[0]!, sorted.at(-1)!];
  return shown.map((value) => value.toFixed(1)).join(" | ");
}

async function measure(scenario: Scenario): Promise<string> {
  const { what, fault, ttlSeconds, lake = "folder", leases, fromIncident, apart } = scenario;
  const seconds: number[] = [];
  // So that the uploads of a whole fleet do not keep the leases waiting on a machine with few cores.
  const signs = apart === true ? { STATE_DIRECTORY: "/nowhere" } : {};
  const env = { BATCH_TIMEOUT: "1s", ...signs };
  const small = leases === undefined ? {} : { collections: 6, env };
  const options = { lake, ttlSeconds, leases: leases ?? "redis", ...small } as const;
  const verdict = await playScene(options, async (scene) => {
    const { fleet } = scene;
    for (let run = 0; run < RUNS; run++) {
      await fleet.stored({
        streams: await fleet.allStreams(),
        fromMs: systemClock.wallMs(),
      });
      const incident = await fault(scene);
      const time = fromIncident === true ? secondsToObjects : secondsOfSilence;
      seconds.push(await time(fleet.lake, incident));
    }
  });
  const { lost, doubled, disordered, strange } = verdict;
  const wrong = `${lost} | ${doubled + strange} | ${disordered}`;
  return `| ${what} | ${ttlSeconds} s | ${spread(seconds)} | ${wrong} |`;
}

const chosen = SCENARIOS.filter(({ what, ttlSeconds }) =>
  `${what} ${ttlSeconds} s`.includes(Deno.args[0] ?? "")
);
for (const scenario of chosen) console.log(await measure(scenario));
