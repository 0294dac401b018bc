import type { ClusterTime } from "../model/cluster_time.ts";
import { nameOfKey } from "../model/stream_choice.ts";
import type { StreamState } from "../pipeline/stages.ts";
import type { LeaseInfo } from "./lease_store.ts";
import type { Member } from "./members.ts";

/** The instances and their streams, as anybody can see them without asking an instance. */
export interface FleetView {
  readonly instances: readonly InstanceView[];
  readonly streams: readonly StreamView[];
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
  /** Streams whose lease it has. */
  readonly streams: number;
  /** Streams that failed there lately. */
  readonly failed: number;
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
}

export interface FleetFindings {
  readonly members: readonly Member[];
  readonly leases: readonly LeaseInfo[];
  /** By stream. */
  readonly states: ReadonlyMap<string, StreamState>;
  /** Keys of streams that were told to pause. */
  readonly paused: ReadonlySet<string>;
}

/** Puts together what members, leases and states say. Leases on other things than streams are left out. */
export function viewFleet({ members, leases, states, paused }: FleetFindings): FleetView {
  const byStream = new Map(leases.map((lease) => [lease.stream, lease]));
  const keys = new Set([...states.keys(), ...members.flatMap(({ streams }) => streams)]);
  for (const { stream } of leases) if (nameOfKey(stream) !== stream) keys.add(stream);
  const streams = [...keys].map((key) =>
    viewStream(key, byStream.get(key), states.get(key), paused.has(key))
  );
  return {
    instances: members.map((member) => viewInstance(member, leases)).sort(byName),
    streams: streams.sort(byName),
  };
}

function viewInstance(member: Member, leases: readonly LeaseInfo[]): InstanceView {
  const { owner, instance, version, address, since, failed, isLeaving } = member;
  const streams = leases.filter((lease) => lease.owner === owner).length;
  return {
    ...{ id: owner, name: instance, version, since, leaving: isLeaving, streams, failed },
    ...(address === undefined ? {} : { address }),
  };
}

function viewStream(
  key: string,
  lease: LeaseInfo | undefined,
  state: StreamState | undefined,
  paused: boolean,
): StreamView {
  const { events = 0, objects = 0, bytes = 0, deadLetters = 0 } = state ?? {};
  return {
    key,
    name: nameOfKey(key),
    ...(lease === undefined ? {} : {
      owner: lease.owner,
      instance: lease.instance,
      generation: lease.generation,
      leaseMsLeft: lease.leftMs,
    }),
    ...(state === undefined
      ? {}
      : { position: state.position.operationTime, updatedAt: state.updatedAt }),
    ...{ events, objects, bytes, deadLetters, paused },
  };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
