import assert from "node:assert/strict";
import type { LeaseStore } from "../../src/coordinate/lease/lease_store.ts";
import { type Poll, POLL_OFTEN } from "../../src/coordinate/fleet.ts";
import { openFleet } from "../../src/coordinate/open_fleet.ts";
import type { Members } from "../../src/coordinate/members.ts";
import { withRetries } from "../../src/destination/retry.ts";
import { errorMessage, TransientError } from "../../src/model/errors.ts";
import type { DocumentSource } from "../../src/pipeline/documents.ts";
import type { NamespaceSource } from "../../src/pipeline/namespaces.ts";
import type { EventCursor, LakeStore, StateStore } from "../../src/pipeline/ports.ts";
import type { Position } from "../../src/model/position.ts";
import type { GroupSource } from "../../src/source/shared/group_source.ts";
import { createMemoryNamespaces } from "../support/memory_namespaces.ts";
import { sleep } from "../../src/support/clock.ts";
import type { Boundary, Service } from "./boundary.ts";
import { REFRESH_MS } from "./sim_timing.ts";
import type { SimWorld } from "./sim_world.ts";

/** The services of a world as one instance reaches them. */
export interface OutsideServices {
  readonly source: GroupSource;
  /** For the lake's own files. */
  readonly lake: LakeStore;
  /** For what records name. */
  readonly destination: LakeStore;
  readonly state: StateStore;
  readonly leases: LeaseStore;
  readonly members: Members;
  readonly changes: () => Promise<string>;
  /** How often the place of the leases wants to be asked. */
  readonly poll: Poll;
  /** The keys of the streams that are to pause. */
  readonly paused: () => Promise<ReadonlySet<string>>;
  readonly namespaces: NamespaceSource;
  readonly documents: DocumentSource;
  /** Cuts the connections that are open. */
  close(): void;
}

/** Wraps all services of the world so that each call passes the boundary. */
export function reachServices(world: SimWorld, boundary: Boundary): OutsideServices {
  const call = <T>(service: Service, method: string, subject: string, effect: () => Promise<T>) =>
    boundary.call({ service, method, subject }, effect);
  const cursors = new Set<EventCursor>();
  return {
    source: wrapSource(world, call, cursors),
    ...wrapPlaces(world, boundary, call),
    state: {
      load: (key) => call("redis", "load", key, () => world.redis.state.load(key)),
      save: (key, state) =>
        call("redis", "save", `${key} ${state.seq}`, () => {
          world.check(() => world.inspector.stateSaved(key, state));
          return world.redis.state.save(key, state);
        }),
      list: () => call("redis", "states", "", () => world.redis.state.list()),
    },
    ...wrapFleet(world, boundary, call),
    namespaces: wrapNamespaces(world, call),
    documents: wrapDocuments(world, call),
    close() {
      for (const cursor of cursors) void cursor.close();
    },
  };
}

type Call = <T>(
  service: Service,
  method: string,
  subject: string,
  effect: () => Promise<T>,
) => Promise<T>;

/** The keys of records. Of them the lake repeats what failed, as S3 does of all requests: so worlds fail often enough. */
const RECORD_KEY = /^_tributary\/streams\/[^/]+\/\d{16}\.json$/;
const RETRY = { retriesMax: 2, firstMs: 100, maxMs: 2000 };

function wrapPlaces(
  world: SimWorld,
  { name: instance, clock }: Boundary,
  call: Call,
): Pick<OutsideServices, "lake" | "destination"> {
  // What the lake said of records counts for objects that follow.
  const absent = new Set<string>();
  const lake = wrapStore(world, { service: "lake", instance, clock, absent }, call);
  if (world.objects === world.lake) return { lake, destination: lake };
  return {
    lake,
    destination: wrapStore(world, { service: "objects", instance, clock, absent }, call),
  };
}

interface Place {
  readonly service: "lake" | "objects";
  readonly instance: string;
  readonly clock: Boundary["clock"];
  readonly absent: Set<string>;
}

function wrapStore(world: SimWorld, place: Place, call: Call): LakeStore {
  const { service, instance, clock, absent } = place;
  const store = service === "lake" ? world.lake : world.objects;
  return {
    putIfAbsent(key, given) {
      // What is sent is what it was at that moment.
      const bytes = given.slice();
      world.check(() => world.assertMaySend(instance, key, absent));
      const put = () => call(service, "put", key, () => world.putIfAbsent(store, key, bytes));
      return RECORD_KEY.test(key)
        ? withRetries(RETRY, { clock, random: world.random }, put)
        : put();
    },
    head: (key) => call(service, "head", key, () => store.head(key)),
    async get(key, range) {
      const found = await call(service, "get", key, () => store.get(key, range));
      if (found === undefined) absent.add(key);
      return found;
    },
    list: (prefix, options) => call(service, "list", prefix, () => store.list(prefix, options)),
    listFolders: (prefix) => call(service, "folders", prefix, () => store.listFolders(prefix)),
  };
}

type SharedServices = Pick<OutsideServices, "leases" | "members" | "changes" | "paused" | "poll">;

function wrapFleet(world: SimWorld, { clock }: Boundary, call: Call): SharedServices {
  const { shared, random, rivalry } = world;
  if (shared === undefined) {
    return {
      leases: wrapLeases(world, call),
      members: wrapMembers(world, call),
      changes: () => call("redis", "changes", "", () => world.redis.changes()),
      paused: () => call("redis", "paused", "", () => world.redis.orders.paused()),
      poll: POLL_OFTEN,
    };
  }
  const objects = shared.reach(call, clock, REFRESH_MS);
  const place = { kind: "objects", objects, refreshMs: REFRESH_MS, areFree: false } as const;
  const { leases, members, changes, orders, poll } = openFleet(place, clock, random);
  return {
    ...{ leases, changes, poll },
    paused: () => orders.paused(),
    members: {
      async announce(member, ttlMs) {
        await members.announce(member, ttlMs);
        rivalry.announced(member.owner, member.isLeaving);
      },
      async leave(owner) {
        rivalry.left(owner);
        await members.leave(owner);
      },
      list: () => members.list(),
    },
  };
}

function wrapLeases(world: SimWorld, call: Call): LeaseStore {
  const store = () => world.redis.leases;
  return {
    take: (stream, holder, ttlMs) =>
      call("redis", "take", stream, () => store().take(stream, holder, ttlMs)),
    refresh: (stream, claim, ttlMs) =>
      call("redis", "refresh", stream, () => store().refresh(stream, claim, ttlMs)),
    release: (stream, { owner, generation, since }) =>
      call("redis", "release", stream, () => store().release(stream, { owner, generation, since })),
    releaseAny: (stream) => call("redis", "release", stream, () => store().releaseAny(stream)),
    list: () => call("redis", "leases", "", () => store().list()),
  };
}

function wrapMembers(world: SimWorld, call: Call): Members {
  const members = () => world.redis.members;
  return {
    announce: (member, ttlMs) =>
      call("redis", "announce", member.instance, () => {
        world.rivalry.announced(member.owner, member.isLeaving);
        return members().announce(member, ttlMs);
      }),
    leave: (owner) =>
      call("redis", "leave", owner, () => {
        world.rivalry.left(owner);
        return members().leave(owner);
      }),
    list: () => call("redis", "members", "", () => members().list()),
  };
}

function wrapNamespaces(world: SimWorld, call: Call): NamespaceSource {
  const source = createMemoryNamespaces(world.oplog, world.clock);
  return {
    times: (signal) => call("mongodb", "times", "", () => source.times(signal)),
    list: (filter, atLeast, signal) =>
      call("mongodb", "list", "", () => source.list(filter, atLeast, signal)),
    openNews: async (request, signal) => {
      const news = await call("mongodb", "news", "", () => source.openNews(request, signal));
      return news && {
        next: () => call("mongodb", "nextNews", "", () => news.next()),
        close: () => news.close(),
      };
    },
  };
}

function wrapDocuments(world: SimWorld, call: Call): DocumentSource {
  const source = () => world.server;
  const slow = async <T>(method: string, subject: string, effect: () => Promise<T>) => {
    const term = world.term;
    return await call("mongodb", method, subject, async () => {
      await sleep(world.clock, world.server.delayMs());
      if (world.term !== term) throw new TransientError("Cannot read: another server was elected");
      return await effect();
    });
  };
  return {
    survey: (request, signal) => slow("survey", "", () => source().survey(request, signal)),
    divide: (collection, parts, signal) =>
      slow("divide", collection.collection, () => source().divide(collection, parts, signal)),
    findAny: (request, signal) =>
      slow("findAny", request.collection, () => source().findAny(request, signal)),
    async open(request, signal) {
      const cursor = await source().open(request, signal);
      const term = world.term;
      return {
        holdsRoom: false,
        next: (rowsMax) =>
          slow("documents", request.piece.collection, () => {
            if (world.term === term) return cursor.next(rowsMax);
            throw new TransientError("Cannot read on: another server was elected");
          }),
        close: () => cursor.close(),
      };
    },
  };
}

function wrapSource(world: SimWorld, call: Call, cursors: Set<EventCursor>): GroupSource {
  const open = async <T extends EventCursor | undefined>(
    from: Position,
    opening: () => Promise<T>,
  ): Promise<EventCursor | Extract<T, undefined>> => {
    const term = world.term;
    const cursor = await call("mongodb", "open", from.data, async () => {
      const opened = await opening().catch((error: unknown) => {
        world.check(() => assertOwnEnd(error));
        throw error;
      });
      if (opened !== undefined) cursors.add(opened);
      return opened;
    });
    if (cursor === undefined) return undefined as Extract<T, undefined>;
    return wrapCursor(world, call, cursor, term, cursors);
  };
  return {
    idle: world.source.idle,
    describe: (signal) => call("mongodb", "describe", "", () => world.source.describe(signal)),
    admit: (requests, signal) => {
      return call("mongodb", "admit", "", () => world.source.admit(requests, signal));
    },
    open: (request, signal) => open(request.from, () => world.source.open(request, signal)),
    openGroup: (request, signal) =>
      open(request.from, async () => {
        const { database } = request;
        const form = database === undefined ? "deployment" : `database ${database}`;
        if (world.denied.includes(form)) return undefined;
        return await world.source.openGroup(request, signal);
      }),
  };
}

/** The token of the end of a change stream is for one of the same form: who gives it to another is told of history lost. */
function assertOwnEnd(error: unknown): void {
  const isOther = errorMessage(error).includes("the resume token was not found");
  assert(!isOther, "a change stream goes on after the end of one of another form");
}

function wrapCursor(
  world: SimWorld,
  call: Call,
  cursor: EventCursor,
  term: number,
  cursors: Set<EventCursor>,
): EventCursor {
  let isDead = false;
  const die = async (): Promise<void> => {
    isDead = true;
    cursors.delete(cursor);
    await cursor.close();
  };
  return {
    async next(rowsMax) {
      if (isDead) throw new TransientError("Cannot read on: the cursor is dead");
      try {
        return await call("mongodb", "next", String(rowsMax), async () => {
          const reply = await cursor.next(rowsMax);
          if (world.term === term) return reply;
          throw new TransientError("Cannot read on: another server was elected");
        });
      } catch (error) {
        await die();
        throw error;
      }
    },
    // A waiting `next` ends with the connection, whatever becomes of the server's side.
    close: die,
  };
}
