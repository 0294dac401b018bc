import { type ClusterTime, compareClusterTimes } from "../model/cluster_time.ts";
import { nameOfKey } from "../model/stream_choice.ts";
import type { StreamState } from "../pipeline/ports.ts";
import { type LeaseInfo, TABLES_LEASE } from "./lease/lease_store.ts";
import type { Member } from "./members.ts";
import type {
  InstanceNews,
  OplogNews,
  RefusedSettings,
  ServiceNews,
  StreamNews,
  ToldNews,
} from "./news.ts";
import { type Silence, silentMsOf } from "./silence.ts";

/** The instances and their streams, as anybody can see them without asking an instance. */
export interface FleetView {
  readonly instances: readonly InstanceView[];
  readonly streams: readonly StreamView[];
  /** How far MongoDB's oplog reaches, as it was told last. */
  readonly oplog?: OplogNews;
}

export interface InstanceView {
  /** The owner id of its leases. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly address?: string;
  /** When it started, ISO 8601. */
  readonly since: string;
  /** Whether it is about to stop. */
  readonly leaving: boolean;
  /** Why it leaves streams to another instance. */
  readonly waits?: string;
  /** Streams whose lease it has, but for those that fail there. */
  readonly streams: number;
  /** Streams that failed there lately, or fail there under its lease. */
  readonly failed: number;
  /** The services that fail it, as it tells. */
  readonly away?: readonly ServiceNews[];
  /** By so many change streams it reads, as it tells. */
  readonly changeStreams?: number;
  /** Why it did not take the settings that it read again, as it tells. */
  readonly refusedSettings?: RefusedSettings;
  /** Absent: it talks. */
  readonly silence?: Silence;
}

export interface StreamView {
  readonly key: string;
  /** As people see it: `collection:shop.orders 2/4`. */
  readonly name: string;
  /** The id of the instance that has its lease; absent while nobody has. */
  readonly owner?: string;
  /** That instance's name. */
  readonly instance?: string;
  readonly generation?: number;
  readonly leaseMsLeft?: number;
  /** For how long the instance that has its lease has been silent: nobody is known to read it. Absent: it talks. */
  readonly silentMs?: number;
  /** Up to where it is in the lake. */
  readonly position?: ClusterTime;
  /** When that was told, ISO 8601. */
  readonly updatedAt?: string;
  /** Since the stream's genesis. */
  readonly events: number;
  readonly objects: number;
  readonly bytes: number;
  readonly deadLetters: number;
  readonly paused: boolean;
  /** Whether an instance would run it; what none would has ended, or is not selected any more. */
  readonly offered?: true;
  /** What the instance tells that has it, or, where nobody has, one where it failed. */
  readonly news?: StreamNews;
}

export interface FleetFindings {
  readonly members: readonly Member[];
  readonly leases: readonly LeaseInfo[];
  /** By stream. */
  readonly states: ReadonlyMap<string, StreamState>;
  readonly news: readonly ToldNews[];
  /** Keys of streams that were told to pause. */
  readonly paused: ReadonlySet<string>;
}

/** Puts together what members, leases and states say. Leases on other things than streams are left out. */
export function viewFleet(
  { members, leases, states, news, paused }: FleetFindings,
): FleetView {
  const byStream = new Map(leases.map((lease) => [lease.stream, lease]));
  const told = byKey(news);
  const silences = new Map(news.map((each) => [each.owner, silentMsOf(each)]));
  const offered = new Set<string>();
  for (const { streams } of members) for (const key of streams) offered.add(key);
  const keys = new Set(offered);
  for (const more of [states.keys(), told.keys(), paused]) for (const key of more) keys.add(key);
  for (const { stream } of leases) {
    if (!keys.has(stream) && nameOfKey(stream) !== stream) keys.add(stream);
  }
  const streams = [...keys].map((key) => {
    const lease = byStream.get(key);
    return viewStream(key, lease, states.get(key), {
      paused: paused.has(key),
      offered: offered.has(key),
      news: newsOf(told.get(key) ?? [], lease?.owner),
      silentMs: silences.get(lease?.owner ?? ""),
    });
  });
  return {
    instances: members.map((member) => viewInstance(member, leases, news)).sort(byName),
    streams: streams.sort(byName),
    ...lastOplog(news),
  };
}

function lastOplog(news: readonly InstanceNews[]): Pick<FleetView, "oplog"> {
  const told = news.flatMap(({ oplog }) => oplog === undefined ? [] : [oplog]);
  const [oplog] = told.sort((a, b) => compareClusterTimes(b.operationTime, a.operationTime));
  return oplog === undefined ? {} : { oplog };
}

function viewInstance(
  member: Member,
  leases: readonly LeaseInfo[],
  news: readonly ToldNews[],
): InstanceView {
  const { owner, instance, version, address, since, failed, isLeaving, waits } = member;
  const held = leases.filter((each) => each.owner === owner && each.stream !== TABLES_LEASE);
  const told = news.find((each) => each.owner === owner);
  const ill = told?.streams.filter((each) => each.condition === "failed") ?? [];
  const failing = held.filter(({ stream }) => ill.some(({ key }) => key === stream)).length;
  const forMs = silentMsOf(told);
  const leaseMsLeft = Math.max(0, ...held.map(({ leftMs }) => leftMs));
  // What it said of services and settings was so when it talked.
  const { away = [], changeStreams, refusedSettings } = forMs === undefined ? told ?? {} : {};
  return {
    ...{ id: owner, name: instance, version, since, leaving: isLeaving },
    ...{ streams: held.length - failing, failed: failed + failing },
    ...(address === undefined ? {} : { address }),
    ...(waits === undefined ? {} : { waits }),
    ...(away.length === 0 ? {} : { away }),
    ...(changeStreams === undefined ? {} : { changeStreams }),
    ...(refusedSettings === undefined ? {} : { refusedSettings }),
    ...(forMs === undefined ? {} : { silence: { forMs, leaseMsLeft } }),
  };
}

function viewStream(
  key: string,
  lease: LeaseInfo | undefined,
  state: StreamState | undefined,
  { paused, offered, news, silentMs }: {
    readonly paused: boolean;
    readonly offered: boolean;
    readonly news: StreamNews | undefined;
    readonly silentMs: number | undefined;
  },
): StreamView {
  const { events = 0, objects = 0, bytes = 0, deadLetters = 0 } = state ?? {};
  // Made for each of what may be thousands of streams, again and again: one object and no other.
  const view: { -readonly [fact in keyof StreamView]: StreamView[fact] } = {
    key,
    name: nameOfKey(key),
    events,
    objects,
    bytes,
    deadLetters,
    paused,
  };
  if (lease !== undefined) {
    view.owner = lease.owner;
    view.instance = lease.instance;
    view.generation = lease.generation;
    view.leaseMsLeft = lease.leftMs;
  }
  if (state !== undefined) {
    view.position = state.position.operationTime;
    view.updatedAt = state.updatedAt;
  }
  if (offered) view.offered = offered;
  if (silentMs !== undefined) view.silentMs = silentMs;
  if (news !== undefined) view.news = news;
  return view;
}

interface Told {
  readonly owner: string;
  readonly stream: StreamNews;
}

function byKey(news: readonly InstanceNews[]): ReadonlyMap<string, readonly Told[]> {
  const told = new Map<string, Told[]>();
  for (const { owner, streams } of news) {
    for (const stream of streams) {
      told.set(stream.key, [...told.get(stream.key) ?? [], { owner, stream }]);
    }
  }
  return told;
}

/** Of a stream with an owner its word alone counts; of others, where they failed is worth to be known. */
function newsOf(told: readonly Told[], owner: string | undefined): StreamNews | undefined {
  const isWorth = owner === undefined
    ? ({ stream }: Told) => stream.condition === "failed"
    : (each: Told) => each.owner === owner;
  return told.find(isWorth)?.stream;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
