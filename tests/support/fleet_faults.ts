/** What can happen to a fleet at work. Each leaves it with as many processes as before, which share all streams. */
import type { Server } from "../../scripts/services/server_process.ts";
import { sleep, systemClock } from "../../src/support/clock.ts";
import type { Fleet, FleetInstance } from "./fleet.ts";

export interface FaultScene {
  readonly fleet: Fleet;
  /** The fleet's own, which nobody else uses; absent where the leases are in the destination. */
  readonly redis?: Server;
}

/** What happened: to which streams, and from when until they all stored objects again, by the wall clock. */
export interface Incident {
  readonly streams: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
}

export type Fault = (scene: FaultScene) => Promise<Incident>;

export async function killBusiest({ fleet }: FaultScene): Promise<Incident> {
  const { instance, streams } = await fleet.busiest();
  await fleet.kill(instance);
  const fromMs = systemClock.wallMs();
  await fleet.settled();
  const incident = await storing(fleet, streams, fromMs, fromMs);
  fleet.start();
  await fleet.settled();
  return incident;
}

export async function stopBusiest({ fleet }: FaultScene): Promise<Incident> {
  const { instance, streams } = await fleet.busiest();
  const fromMs = systemClock.wallMs();
  await fleet.stop(instance);
  await fleet.settled();
  const incident = await storing(fleet, streams, fromMs);
  fleet.start();
  await fleet.settled();
  return incident;
}

/** The busiest stands still for twice its TTL and then goes on, not knowing. */
export async function freezeBusiest({ fleet }: FaultScene): Promise<Incident> {
  const { instance, streams } = await fleet.busiest();
  const fromMs = systemClock.wallMs();
  instance.program.kill("SIGSTOP");
  await Promise.all([
    sleep(systemClock, 2 * fleet.ttlMs), // The fault's length.
    fleet.taken(streams, instance),
  ]);
  instance.program.kill("SIGCONT");
  await fleet.settled();
  return await storing(fleet, streams, fromMs);
}

/** Redis is killed, stays away until all leases are over, and comes back empty. */
export async function loseRedis({ fleet, redis }: FaultScene): Promise<Incident> {
  const streams = await fleet.allStreams();
  const lostBefore = lostLocks(fleet);
  redis!.kill("SIGKILL");
  await redis!.exited();
  const fromMs = systemClock.wallMs();
  await fleet.until("all leases are over", () => {
    return Promise.resolve(lostLocks(fleet) - lostBefore >= fleet.streams);
  });
  await redis!.restart();
  await fleet.settled();
  return await storing(fleet, streams, fromMs);
}

/** Redis is killed and is back at once, empty, while the holders run on. */
export async function emptyRedis({ fleet, redis }: FaultScene): Promise<Incident> {
  const streams = await fleet.allStreams();
  redis!.kill("SIGKILL");
  await redis!.exited();
  const fromMs = systemClock.wallMs();
  await redis!.restart();
  await fleet.settled();
  return await storing(fleet, streams, fromMs);
}

export async function cutFromRedis({ fleet }: FaultScene): Promise<Incident> {
  const { instance, streams } = await fleet.busiest();
  instance.redis!.setMode({ kind: "black-hole" });
  const fromMs = systemClock.wallMs();
  await fleet.taken(streams, instance);
  const incident = await storing(fleet, streams, fromMs);
  instance.redis!.setMode({ kind: "pass" });
  await fleet.settled();
  return incident;
}

/** For twice its TTL the busiest reaches Redis and not S3. */
export async function cutFromS3({ fleet }: FaultScene): Promise<Incident> {
  const { instance, streams } = await fleet.busiest();
  instance.s3!.setMode({ kind: "black-hole" });
  const fromMs = systemClock.wallMs();
  await sleep(systemClock, 2 * fleet.ttlMs); // The fault's length.
  instance.s3!.setMode({ kind: "pass" });
  const incident = await storing(fleet, streams, fromMs);
  await fleet.settled();
  return incident;
}

/** Nobody reaches S3 for twice the TTL. */
export async function loseS3({ fleet }: FaultScene): Promise<Incident> {
  const streams = await fleet.allStreams();
  for (const { s3 } of fleet.instances) s3!.setMode({ kind: "black-hole" });
  const fromMs = systemClock.wallMs();
  await sleep(systemClock, 2 * fleet.ttlMs); // The fault's length.
  for (const { s3 } of fleet.instances) s3!.setMode({ kind: "pass" });
  const incident = await storing(fleet, streams, fromMs);
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
  const fromMs = systemClock.wallMs();
  fleet.start();
  fleet.start();
  await fleet.settled();
  const after = await fleet.shares();
  const stayed = new Set([...before].flatMap(([name, streams]) => {
    return streams.filter((stream) => after.get(name)?.includes(stream));
  }));
  const streams = [...before.values()].flat().filter((stream) => !stayed.has(stream));
  const incident = await storing(fleet, streams, fromMs);
  for (const old of fleet.instances.slice(0, 2)) await fleet.stop(old);
  await fleet.settled();
  return incident;
}

async function replaceAll(
  { fleet }: FaultScene,
  env: Readonly<Record<string, string>>,
): Promise<Incident> {
  const streams = await fleet.allStreams();
  const fromMs = systemClock.wallMs();
  for (const old of fleet.instances) {
    fleet.start(env);
    await fleet.settled();
    await fleet.stop(old);
    await fleet.settled();
  }
  return await storing(fleet, streams, fromMs);
}

/** Waits until each of the streams stores again, after now or another time. */
async function storing(
  fleet: Fleet,
  streams: readonly string[],
  fromMs: number,
  afterMs = systemClock.wallMs(),
): Promise<Incident> {
  await fleet.stored({ streams, fromMs: afterMs });
  return { streams, fromMs, untilMs: systemClock.wallMs() };
}

function lostLocks(fleet: Fleet): number {
  // One line may tell of several.
  const timesOf = (line: string): number => JSON.parse(line).times ?? 1;
  const countOf = ({ program }: FleetInstance) =>
    program.stderr.filter((line) => line.includes('"Lock lost"'))
      .reduce((sum, line) => sum + timesOf(line), 0);
  return fleet.instances.reduce((sum, instance) => sum + countOf(instance), 0);
}
