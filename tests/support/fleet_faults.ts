/** What can happen to a fleet at work. Each leaves it with as many processes as before, which share all streams. */
import type { Server } from "../../scripts/services/server_process.ts";
import { sleep, systemClock } from "../../src/support/clock.ts";
import type { Fleet, FleetInstance } from "./fleet.ts";
import { streamOfObject } from "./fleet_lake.ts";

export interface FaultScene {
  readonly fleet: Fleet;
  /** The fleet's own, which nobody else uses. */
  readonly redis: Server;
}

/** What happened: when, by the wall clock, and to which streams. */
export interface Incident {
  readonly fromMs: number;
  readonly streams: readonly string[];
}

export type Fault = (scene: FaultScene) => Promise<Incident>;

export async function killBusiest({ fleet }: FaultScene): Promise<Incident> {
  const { instance, streams } = await fleet.busiest();
  await fleet.kill(instance);
  const incident = { fromMs: systemClock.wallMs(), streams };
  await fleet.settled();
  await fleet.stored(incident);
  fleet.start();
  await fleet.settled();
  return incident;
}

export async function stopBusiest({ fleet }: FaultScene): Promise<Incident> {
  const { instance, streams } = await fleet.busiest();
  const incident = { fromMs: systemClock.wallMs(), streams };
  await fleet.stop(instance);
  await fleet.settled();
  await fleet.stored(incident);
  fleet.start();
  await fleet.settled();
  return incident;
}

/** The busiest stands still for twice its TTL and then goes on, not knowing. */
export async function freezeBusiest({ fleet }: FaultScene): Promise<Incident> {
  const { instance, streams } = await fleet.busiest();
  const incident = { fromMs: systemClock.wallMs(), streams };
  instance.program.kill("SIGSTOP");
  await Promise.all([
    sleep(systemClock, 2 * fleet.ttlMs), // The fault's length.
    fleet.taken(streams, instance),
  ]);
  instance.program.kill("SIGCONT");
  await fleet.stored(incident);
  await fleet.settled();
  return incident;
}

/** Redis is killed, stays away until all leases are over, and comes back empty. */
export async function loseRedis({ fleet, redis }: FaultScene): Promise<Incident> {
  const streams = await fleet.allStreams();
  const lostBefore = lostLocks(fleet);
  redis.kill("SIGKILL");
  await redis.exited();
  const incident = { fromMs: systemClock.wallMs(), streams };
  await fleet.until("all leases are over", () => {
    return Promise.resolve(lostLocks(fleet) - lostBefore >= fleet.streams);
  });
  await redis.restart();
  await fleet.settled();
  await fleet.stored({ streams, fromMs: systemClock.wallMs() });
  return incident;
}

/** Redis is killed and is back at once, empty, while the holders run on. */
export async function emptyRedis({ fleet, redis }: FaultScene): Promise<Incident> {
  const streams = await fleet.allStreams();
  redis.kill("SIGKILL");
  await redis.exited();
  const incident = { fromMs: systemClock.wallMs(), streams };
  await redis.restart();
  await fleet.settled();
  await fleet.stored({ streams, fromMs: systemClock.wallMs() });
  return incident;
}

export async function cutFromRedis({ fleet }: FaultScene): Promise<Incident> {
  const { instance, streams } = await fleet.busiest();
  instance.redis.setMode({ kind: "black-hole" });
  const incident = { fromMs: systemClock.wallMs(), streams };
  await fleet.taken(streams, instance);
  await fleet.stored({ streams, fromMs: systemClock.wallMs() });
  instance.redis.setMode({ kind: "pass" });
  await fleet.settled();
  return incident;
}

/** For twice its TTL the busiest reaches Redis and not S3. */
export async function cutFromS3({ fleet }: FaultScene): Promise<Incident> {
  const { instance, streams } = await fleet.busiest();
  instance.s3!.setMode({ kind: "black-hole" });
  const incident = { fromMs: systemClock.wallMs(), streams };
  await sleep(systemClock, 2 * fleet.ttlMs); // The fault's length.
  instance.s3!.setMode({ kind: "pass" });
  await fleet.stored({ streams, fromMs: systemClock.wallMs() });
  await fleet.settled();
  return incident;
}

/** One more for one less, until all are new. */
export function restartAll(scene: FaultScene): Promise<Incident> {
  return replaceAll(scene, {});
}

/** New settings come in one process at a time: old and new ones run side by side, and streams go from one to the other. */
export function changeSettings(scene: FaultScene): Promise<Incident> {
  return replaceAll(scene, { FORMAT: "jsonl", COMPRESSION: "gzip" });
}

export async function joinTwo({ fleet }: FaultScene): Promise<Incident> {
  const before = await fleet.shares();
  const incident = { fromMs: systemClock.wallMs(), streams: [] };
  fleet.start();
  fleet.start();
  await fleet.settled();
  const after = await fleet.shares();
  const stayed = new Set([...before].flatMap(([name, streams]) => {
    return streams.filter((stream) => after.get(name)?.includes(stream));
  }));
  const streams = [...before.values()].flat().filter((stream) => !stayed.has(stream));
  await fleet.stored({ streams, fromMs: systemClock.wallMs() });
  for (const old of fleet.instances.slice(0, 2)) await fleet.stop(old);
  await fleet.settled();
  return { ...incident, streams };
}

async function replaceAll(
  { fleet }: FaultScene,
  env: Readonly<Record<string, string>>,
): Promise<Incident> {
  const incident = { fromMs: systemClock.wallMs(), streams: await fleet.allStreams() };
  for (const old of fleet.instances) {
    fleet.start(env);
    await fleet.settled();
    await fleet.stop(old);
    await fleet.settled();
  }
  await fleet.stored({ ...incident, fromMs: systemClock.wallMs() });
  return incident;
}

function lostLocks(fleet: Fleet): number {
  const countOf = ({ program }: FleetInstance) =>
    [...program.stdout, ...program.stderr].filter((line) => line.includes("Lock lost")).length;
  return fleet.instances.reduce((sum, instance) => sum + countOf(instance), 0);
}

/** Seconds from an incident to the first object after it, of the stream that waited longest. */
export async function secondsToObjects(fleet: Fleet, incident: Incident): Promise<number> {
  const times = await objectTimes(fleet);
  const waits = incident.streams.map((stream) => {
    const first = times.get(stream)!.find((atMs) => atMs > incident.fromMs)!;
    return (first - incident.fromMs) / 1000;
  });
  return Math.max(...waits);
}

/** The longest time in seconds between two objects of one stream since an incident, over the streams that it struck. */
export async function secondsOfSilence(fleet: Fleet, incident: Incident): Promise<number> {
  const times = await objectTimes(fleet);
  const gaps = incident.streams.flatMap((stream) => {
    const all = times.get(stream)!;
    return all.map((atMs, i) => atMs > incident.fromMs ? (atMs - (all[i - 1] ?? atMs)) / 1000 : 0);
  });
  return Math.max(...gaps);
}

async function objectTimes(fleet: Fleet): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  const files = (await fleet.lake.list()).toSorted((a, b) => a.atMs - b.atMs);
  for (const { key, atMs } of files) {
    const stream = streamOfObject(key);
    if (stream !== undefined) times.set(stream, [...times.get(stream) ?? [], atMs]);
  }
  return times;
}
