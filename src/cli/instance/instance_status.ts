/** The status that an instance gives of itself and of the others it knows, as `/status`. */
import type { Cause, CauseLimits } from "../../observe/status/cause_facts.ts";
import { causesOf } from "../../observe/status/causes.ts";
import type { StatusReader } from "../../observe/status/reading.ts";
import type { Status, StatusInstance } from "../../observe/status/status.ts";
import type { StatusStream } from "../../observe/status/status_streams.ts";
import type { InstanceRow, StatusView, StreamRow } from "../text/status_view.ts";

/** As an instance of any version may tell it: what is missing is not known there. */
type Told<T> = { readonly [K in keyof T]?: T[K] | null };

/** A view, and of which pipeline it is. */
export interface ToldView {
  readonly pipeline: string | null;
  readonly view: StatusView;
}

/** What an instance answered; undefined where that is no status of an instance. */
export function readStatus(text: string, limits: CauseLimits): ToldView | undefined {
  const told = parsed(text);
  if (told === undefined) return undefined;
  const { at, oplogWindowSeconds = null, dependencies } = told;
  if (typeof at !== "string" || !isList(told.instances) || !isList(told.streams)) return undefined;
  const ids = new Map(told.instances.map(({ id, name }) => [name, id ?? null]));
  const instances = told.instances.map(instanceRow);
  const streams = told.streams.map((stream) => streamRow(stream, ids));
  // Versions before the causes tell what they are made of.
  const causes = isList(told.causes) ? told.causes as readonly Cause[] : causesOf({
    dependencies: isList(dependencies) ? dependencies as Status["dependencies"] : [],
    ...{ instances, streams, oplogWindowSeconds, limits },
  });
  const pipeline = told.instance?.pipeline ?? null;
  const tables = isList(told.tables) && told.tables.length > 0 ? { tables: told.tables } : {};
  return { pipeline, view: { at, causes, oplogWindowSeconds, instances, streams, ...tables } };
}

type ToldStatus = Omit<Told<Status>, "instances" | "streams"> & {
  readonly instances?: readonly Told<StatusInstance>[] | null;
  readonly streams?: readonly Told<StatusStream>[] | null;
};

function parsed(text: string): ToldStatus | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isList<T>(value: readonly T[] | null | undefined): value is readonly T[] {
  return Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null);
}

function instanceRow(told: Told<StatusInstance>): InstanceRow {
  const leaving = told.leaving === true;
  const streams = told.streams ?? 0;
  return {
    id: told.id ?? "-",
    name: told.name ?? "-",
    version: told.version ?? "-",
    state: told.state ?? (leaving ? "leaving" : streams > 0 ? "running" : "standby"),
    since: told.startedAt ?? null,
    address: told.address ?? null,
    leaving,
    waits: null,
    streams,
    failed: told.state === "failed" ? 1 : 0,
    ...(told.changeStreams === undefined ? {} : { changeStreams: told.changeStreams }),
    ...(typeof told.silentSince === "string" ? { silentSince: told.silentSince } : {}),
    ...(typeof told.leaseMsLeft === "number" ? { leaseMsLeft: told.leaseMsLeft } : {}),
  };
}

function streamRow(
  told: Told<StatusStream>,
  ids: ReadonlyMap<string | null | undefined, string | null>,
): StreamRow {
  const { condition = "elsewhere", owner = null, error, reader } = told;
  return {
    key: told.key ?? "-",
    name: told.name ?? "-",
    condition: condition ?? "elsewhere",
    ...(typeof told.leftBy === "string" ? { leftBy: told.leftBy } : {}),
    owner: owner === null ? null : ids.get(owner) ?? null,
    instance: owner,
    generation: told.generation ?? null,
    leaseMsLeft: null,
    position: null,
    updatedAt: null,
    lagSeconds: told.lagSeconds ?? null,
    lakeLagSeconds: told.lakeLagSeconds ?? null,
    positionAgeSeconds: told.positionAgeSeconds ?? null,
    oplogHeadroomSeconds: told.oplogHeadroomSeconds ?? null,
    events: told.events ?? 0,
    objects: told.objects ?? 0,
    bytes: told.bytes ?? 0,
    deadLetters: told.deadLetters ?? 0,
    bufferedEvents: told.bufferedEvents ?? null,
    paused: condition === "paused",
    ...(isReader(reader) ? { reader } : {}),
    error: error === undefined || error === null
      ? null
      : { message: error.message, at: error.at, since: error.since ?? error.at },
  };
}

function isReader(told: StatusReader | null | undefined): told is StatusReader {
  return typeof told === "object" && told !== null && typeof told.streams === "number" &&
    (told.alone === null || typeof told.alone === "string");
}
