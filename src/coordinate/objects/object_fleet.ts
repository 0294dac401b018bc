import type { Clock } from "../../support/clock.ts";
import { sleeplessClock } from "../../support/sleepless_clock.ts";
import type { Random } from "../../support/random.ts";
import type { Fleet, Poll } from "../fleet.ts";
import {
  isSameClaim,
  type LeaseClaim,
  type LeaseStore,
  type RefreshAnswer,
  type StreamClaim,
} from "../lease/lease_store.ts";
import { isSameMember, type Members } from "../members.ts";
import type { News } from "../news.ts";
import { claimOf, dropClaim } from "./division.ts";
import { createObjectOrders } from "./object_orders.ts";
import { Observer } from "./observer.ts";
import type { NamedClaim } from "./member_object.ts";
import { OwnMember } from "./own_member.ts";
import type { SharedObjects } from "./shared_objects.ts";
import { SharedDivision } from "./shared_division.ts";

/** How old answers may be that were had for something else, in milliseconds. */
export interface ObjectFleetTiming {
  /** A reading of the division, and a look at the others. */
  readonly lookMs: number;
  /** One's own last write, where a lease is refreshed or a member announces itself again. */
  readonly beatMs: number;
  /** A list of all objects, while nothing changes. */
  readonly listMs: number;
  /** What other members say, while only their counters change. */
  readonly readMs: number;
}

export interface ObjectFleetOptions {
  readonly objects: SharedObjects;
  readonly timing: ObjectFleetTiming;
  readonly clock: Clock;
  readonly random: Random;
  readonly poll: Poll;
  /** As of an observer: for who looks once, for a person. */
  readonly showsByAge?: boolean;
  /** Whether an owner is surely no more. Default: nobody can tell. */
  readonly hasEnded?: (owner: string) => Promise<boolean>;
}

/**
 * A fleet that meets in a few objects of the lake (`docs/protocol.md`, "Leases in the bucket"): a member object for each
 * instance, which shows that it lives and what it runs, and one object that says who may run what. `seen` is told of
 * each answer to whether there are changes.
 */
export function createObjectFleet(
  options: ObjectFleetOptions,
  seen: (changes: string) => void = () => {},
): Fleet {
  const { random, timing, poll, showsByAge = false, hasEnded } = options;
  const clock = sleeplessClock(options.clock);
  const objects = heard(options.objects, () => observer.answered());
  const division = new SharedDivision(objects, clock, random, timing.lookMs);
  const observer: Observer = new Observer({
    ...{ objects, division, clock, silenceClock: options.clock, random, showsByAge, ...timing },
    ...(hasEnded === undefined ? {} : { hasEnded }),
  });
  const owners = new Map<string, OwnMember>();
  const gaveUp = (owner: string, claims: readonly NamedClaim[]) => {
    const drop = division.change((draft) => {
      for (const { stream, generation } of claims) {
        const current = claimOf(draft, stream);
        if (current?.owner === owner && current.generation === generation) {
          dropClaim(draft, current);
        }
      }
    });
    // Where that fails, the others find that nobody names them.
    drop.catch(() => {});
  };
  const tools = {
    ...{ objects, clock, random },
    slots: (owner: string) => observer.slots(owner),
    written: (...version: Parameters<Observer["wrote"]>) => observer.wrote(...version),
  };
  const own = (owner: string): OwnMember => {
    const known = owners.get(owner) ??
      new OwnMember(owner, { ...tools, gaveUp: (claims) => gaveUp(owner, claims) });
    owners.set(owner, known);
    return known;
  };
  const parts = { division, observer, own, clock, timing };
  return {
    leases: createLeases(parts),
    members: createMembers(parts),
    news: createNews(parts),
    orders: createObjectOrders(division, clock, random, timing.lookMs),
    async changes() {
      const changes = String((await division.read(timing.lookMs)).division.changes);
      seen(changes);
      return changes;
    },
    isShared: true,
    poll,
  };
}

interface Parts {
  readonly division: SharedDivision;
  readonly observer: Observer;
  readonly own: (owner: string) => OwnMember;
  readonly clock: Clock;
  readonly timing: ObjectFleetTiming;
}

/** Tells of each answer. */
function heard(objects: SharedObjects, answered: () => void): SharedObjects {
  const hear = async <T>(answer: Promise<T>): Promise<T> => {
    const given = await answer;
    answered();
    return given;
  };
  return {
    create: (key, text) => hear(objects.create(key, text)),
    replace: (key, text, etag) => hear(objects.replace(key, text, etag)),
    get: (key, knownEtag) => hear(objects.get(key, knownEtag)),
    list: (prefix) => hear(objects.list(prefix)),
  };
}

function createLeases({ division, observer, own, clock, timing }: Parts): LeaseStore {
  const drop = (stream: string, claim?: LeaseClaim) =>
    division.change((draft) => {
      const current = claimOf(draft, stream);
      if (current === undefined) return false;
      if (claim !== undefined && !isSameClaim(current, claim)) return false;
      dropClaim(draft, current);
      return true;
    });
  const refreshAll = async (claims: readonly StreamClaim[], ttlMs: number) => {
    const callMs = clock.monotonicMs();
    const self = own(claims[0]!.claim.owner);
    const named = claims.map(({ stream, claim: { generation } }) => ({ stream, generation }));
    for (const each of named) self.runs(each, ttlMs);
    const [reading, beat] = await Promise.all([
      division.read(timing.beatMs),
      self.write(timing.beatMs, named),
    ]);
    const agoMs = callMs - Math.min(reading.startMs, beat.startMs);
    const held: RefreshAnswer = agoMs <= 0 ? "refreshed" : { agoMs };
    return claims.map(({ stream, claim }, i): RefreshAnswer => {
      const current = claimOf(reading.division, stream);
      if (current !== undefined && isSameClaim(current, claim)) return held;
      self.endsRunning(named[i]!);
      return current === undefined ? "gone" : "taken";
    });
  };
  return {
    async take(stream, holder, ttlMs, asking = () => {}) {
      // What the dead had is free after it.
      await observer.look();
      const generation = await division.change((draft) => {
        asking();
        const { generation = 0, holder: current } = draft.streams.get(stream) ?? {};
        if (current !== undefined && current.owner !== holder.owner) return undefined;
        const { owner, instance, since } = holder;
        const next = { owner, instance, since, ttlMs: Math.ceil(ttlMs) };
        draft.streams.set(stream, { generation: generation + 1, holder: next });
        return generation + 1;
      });
      if (generation !== undefined) own(holder.owner).runs({ stream, generation }, ttlMs);
      return generation;
    },
    async refresh(stream, claim, ttlMs) {
      const [answer] = await refreshAll([{ stream, claim }], ttlMs);
      return answer!;
    },
    refreshAll,
    release(stream, claim) {
      own(claim.owner).endsRunning({ stream, generation: claim.generation });
      return drop(stream, claim);
    },
    async releaseAny(stream) {
      await observer.look();
      return await drop(stream);
    },
    async list() {
      return (await observer.look()).leases;
    },
  };
}

function createMembers({ division, observer, own, timing }: Parts): Members {
  const tellChange = () => division.change((draft) => void draft.changes++);
  return {
    async announce(member, ttlMs) {
      const self = own(member.owner);
      const before = self.lastBeat?.object.member;
      const isNews = !isSameMember(before, member);
      self.tell(member, ttlMs);
      await self.write(isNews ? 0 : timing.beatMs);
      if (isNews) await tellChange();
    },
    async leave(owner) {
      const isThere = own(owner).lastBeat?.object.member !== undefined;
      await own(owner).leave();
      if (isThere) await tellChange();
    },
    async list() {
      const { members } = await observer.look();
      return members.flatMap(({ object: { member }, leftMs }) =>
        member === undefined ? [] : [{ ...member, leftMs }]
      ).sort((a, b) => a.owner < b.owner ? -1 : 1);
    },
  };
}

function createNews({ observer, own, timing }: Parts): News {
  return {
    async tell(news, ttlMs) {
      const self = own(news.owner);
      if (self.hasLeft) return;
      self.tellNews(news, ttlMs);
      // With the next refresh, where one is on its way.
      await self.write(2 * timing.beatMs);
    },
    async read(owners) {
      const { members } = await observer.look(true);
      return members.flatMap(({ object: { owner, news, ttlMs }, leftMs }) => {
        const isTold = news !== undefined && leftMs > ttlMs - news.ttlMs;
        const ageMs = Math.max(0, ttlMs - leftMs);
        return isTold && owners.includes(owner) ? [{ ...news.told, ageMs }] : [];
      });
    },
  };
}
