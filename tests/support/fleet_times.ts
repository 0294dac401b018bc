/** How long streams of a fleet were silent, by the times at which their objects were written. */
import type { Incident } from "./fleet_faults.ts";
import { type FleetLake, streamOfObject } from "./fleet_lake.ts";

/** Seconds from an incident to the first object after it, of the stream that waited longest. */
export async function secondsToObjects(lake: FleetLake, incident: Incident): Promise<number> {
  const times = await objectTimes(lake);
  const waits = incident.streams.map((stream) => {
    const first = times.get(stream)!.find((atMs) => atMs > incident.fromMs)!;
    return (first - incident.fromMs) / 1000;
  });
  return Math.max(...waits);
}

/** The longest time in seconds between two objects of one stream during an incident. */
export async function secondsOfSilence(
  lake: FleetLake,
  { streams, fromMs, untilMs }: Incident,
): Promise<number> {
  const times = await objectTimes(lake);
  const gaps = streams.flatMap((stream) => {
    const all = times.get(stream)!;
    return all.map((atMs, i) => {
      const beforeMs = all[i - 1] ?? atMs;
      return atMs > fromMs && beforeMs < untilMs ? (atMs - beforeMs) / 1000 : 0;
    });
  });
  return Math.max(...gaps);
}

/** When the objects of each stream were written, in order. */
async function objectTimes(lake: FleetLake): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  const files = (await lake.list()).toSorted((a, b) => a.atMs - b.atMs);
  for (const { key, atMs } of files) {
    const stream = streamOfObject(key);
    if (stream === undefined) continue;
    const all = times.get(stream);
    if (all === undefined) times.set(stream, [atMs]);
    else all.push(atMs);
  }
  return times;
}
