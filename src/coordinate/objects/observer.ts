import type { Clock } from "../../support/clock.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { Random } from "../../support/random.ts";
import type { LeaseInfo } from "../lease/lease_store.ts";
import { claimOf, type Division, type DivisionClaim, dropClaim } from "./division.ts";
import { ListedLeases } from "./listed_leases.ts";
import {
  freeSlot,
  type MemberObject,
  MEMBERS_PREFIX,
  type NamedClaim,
  parseMemberObject,
  slotOf,
} from "./member_object.ts";
import type { Slot, Slots } from "./own_member.ts";
import type { DivisionReading, SharedDivision } from "./shared_division.ts";
import type { SharedObjects } from "./shared_objects.ts";

export interface ObserverOptions {
  readonly objects: SharedObjects;
  readonly division: SharedDivision;
  /** Of looks, with what the machine slept; and of others' silence, which no clock that somebody sets makes longer. */
  readonly clock: Clock;
  readonly silenceClock: Clock;
  readonly random: Random;
  /** A look that began so long ago is good enough. */
  readonly lookMs: number;
  /** So old a list may be while nothing changes. */
  readonly listMs: number;
  /** So old what a member says may be while nothing changes but its counter. */
  readonly readMs: number;
  /** Whether what others say is shown no longer than they live by the ages of a list. Default: only by what was observed. */
  readonly showsByAge?: boolean;
  /** Whether an owner is surely no more, though it may have been there a moment ago. Default: nobody can tell. */
  readonly hasEnded?: (owner: string) => Promise<boolean>;
}

interface Read {
  readonly etag: string;
  readonly ms: number;
  readonly object?: MemberObject;
  /** Whose it is has ended. */
  readonly hasEnded?: boolean;
}

/** A slot as it was seen last. */
interface Sighting {
  readonly etag: string;
  /** Earlier versions, which an old list may show again. */
  readonly before: readonly string[];
  /** When an answer first showed this version: from then on it is waited for the next. */
  seenMs: number;
  /** The same of the version before it. */
  readonly lastSeenMs?: number;
  /** The version that was read last. */
  readonly read?: Read;
  readonly ageMs: number;
  /** How old it was when it was seen first, if no other version was seen before. */
  readonly firstAgeMs: number;
}

/** Who lives, and which claims count, as of now. */
export interface Sight {
  readonly reading: DivisionReading;
  readonly members: readonly { readonly object: MemberObject; readonly leftMs: number }[];
  /** By stream. */
  readonly leases: readonly LeaseInfo[];
}

interface Living extends Pick<Sighting, "seenMs" | "firstAgeMs"> {
  readonly object: MemberObject;
}

interface Look {
  readonly isRead: boolean;
  sight: Promise<Sight>;
  startMs?: number;
  isOver?: boolean;
}

const BEFORE_MAX = 8;
const READS_MAX = 8;

/** What is so old is nobody's any more, whatever the clocks: its slot may be had. */
const ABANDONED_MS = 3_600_000;

/** Who was silent for this part of its TTL is asked for again: it may be known to have ended. */
const SILENT_SHARE = 1 / 2;

/** Where the store answered nothing for this part of a TTL, the observation begins anew. */
const GAP_SHARE = 1 / 3;

/**
 * Who is there and who runs what, as this process sees it on its own monotonic clock. A member is dead when its object
 * has not changed for its TTL and a read that began after that shows it unchanged; a claim is free when no living member
 * has named it for its TTL. What is found so is tidied up at once, for all to see.
 */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #slots = new Map<string, Sighting>();
  /** Claims that nobody names, and since when that was seen. */
  readonly #unnamed = new Map<string, { sinceMs: number; readonly ttlMs: number }>();
  /** What lists of claims name: by stream, their generations. */
  readonly #generations = new WeakMap<readonly NamedClaim[], ReadonlyMap<string, number>>();
  readonly #listed = new ListedLeases();
  #answeredMs: number;
  #looked: { readonly startMs: number; readonly etag: string | undefined } | undefined;
  #listedMs = -Infinity;
  /** The look that was asked for last; one is under way at a time. */
  #last: Look | undefined;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#answeredMs = options.silenceClock.monotonicMs();
  }

  /** Told of each answer that the store gave to anything. */
  answered(): void {
    const nowMs = this.#options.silenceClock.monotonicMs();
    const gapMs = nowMs - this.#answeredMs;
    this.#answeredMs = nowMs;
    for (const sighting of this.#slots.values()) {
      if (gapMs > ttlOf(sighting) * GAP_SHARE) sighting.seenMs = nowMs;
    }
    for (const unnamed of this.#unnamed.values()) {
      if (gapMs > unnamed.ttlMs * GAP_SHARE) unnamed.sinceMs = nowMs;
    }
  }

  /** Told of what this process itself has written. */
  wrote({ key, etag }: Slot, object: MemberObject | undefined): void {
    const ms = this.#options.silenceClock.monotonicMs();
    const read = { etag, ms, ...(object === undefined ? {} : { object }) };
    this.#see(key, etag, { ageMs: 0, read });
  }

  /** Where an owner may write its object. */
  async slots(owner: string): Promise<Slots> {
    await this.look();
    const all = [...this.#slots];
    const isOwn = ([, { read }]: (typeof all)[number]) => read?.object?.owner === owner;
    const own = all.find(isOwn);
    const free = all.filter(([, { read, ageMs }]) =>
      read !== undefined && (read.object === undefined || ageMs > ABANDONED_MS)
    );
    const slot = ([key, { etag }]: (typeof all)[number]) => ({ key, etag });
    return {
      ...(own === undefined ? {} : { own: slot(own) }),
      free: free.map(slot),
      next: Math.max(0, ...all.map(([key]) => slotOf(key))) + 1,
    };
  }

  /** `isRead`: with what each member says now, and not only whether it lives. Who asks at one time shares one look. */
  look(isRead = false): Promise<Sight> {
    const { clock, lookMs } = this.#options;
    const callMs = clock.monotonicMs();
    const last = this.#last;
    const isYoung = last !== undefined && (last.startMs ?? Infinity) >= callMs - lookMs;
    if (isYoung && !last.isOver && (last.isRead || !isRead)) return last.sight;
    const look: Look = { isRead, sight: Promise.resolve(undefined as never) };
    const previous = last?.sight.catch(() => {}) ?? Promise.resolve();
    look.sight = previous.then(() => {
      look.startMs = clock.monotonicMs();
      return this.#look(callMs, isRead);
    }).finally(() => look.isOver = true);
    this.#last = look;
    return look.sight;
  }

  async #look(callMs: number, isRead: boolean): Promise<Sight> {
    const { clock, division, lookMs, listMs } = this.#options;
    const reading = await division.read(lookMs, callMs);
    const isNew = this.#looked === undefined || this.#looked.startMs < callMs - lookMs;
    const isOther = this.#looked?.etag !== reading.etag;
    const startMs = clock.monotonicMs();
    if (isNew || isOther) {
      if (isOther || this.#listedMs < callMs - listMs) await this.#list();
      this.#looked = { startMs, etag: reading.etag };
    }
    await this.#readSlots(reading, isOther || isRead);
    await this.#tidyUp(reading);
    return this.#sight(await division.read(Infinity));
  }

  async #list(): Promise<void> {
    const startMs = this.#options.clock.monotonicMs();
    const listed = await this.#options.objects.list(MEMBERS_PREFIX);
    for (const [key, { etag, ageMs = 0 }] of listed) this.#see(key, etag, { ageMs });
    this.#listedMs = startMs;
  }

  /**
   * Notes a version of a slot. One that was seen before shows an old list, and no life; where a read shows it, it was the list
   * in between that was old.
   */
  #see(key: string, etag: string, how: Pick<Sighting, "ageMs" | "read">): void {
    const known = this.#slots.get(key);
    if (how.read === undefined && known?.before.includes(etag)) return;
    const read = how.read ?? known?.read;
    const isSame = known?.etag === etag;
    const isBack = known?.before[0] === etag;
    this.#slots.set(key, {
      etag,
      ageMs: how.ageMs,
      firstAgeMs: known === undefined ? how.ageMs : isSame ? known.firstAgeMs : 0,
      before: isSame || known === undefined
        ? known?.before ?? []
        : [known.etag, ...known.before.filter((each) => each !== etag)].slice(0, BEFORE_MAX),
      seenMs: isSame
        ? known.seenMs
        : (isBack ? known.lastSeenMs : undefined) ?? this.#options.silenceClock.monotonicMs(),
      ...(isSame || known === undefined ? {} : { lastSeenMs: known.seenMs }),
      ...(read === undefined ? {} : { read }),
    });
  }

  /** Reads what may say something new, and whatever a verdict is due on. */
  async #readSlots(reading: DivisionReading, isAll: boolean): Promise<void> {
    const nowMs = this.#options.silenceClock.monotonicMs();
    const unnamed = this.#unnamedOf(reading.division);
    const owners = new Set(unnamed.map(({ owner }) => owner));
    const judged = new Set(unnamed.filter((each) => this.#isOver(each)).map(({ owner }) => owner));
    const wanted = [...this.#slots].filter(([, sighting]) => {
      const { read, etag, seenMs } = sighting;
      if (read === undefined) return true;
      const { object } = read;
      const isDue = object !== undefined &&
        (nowMs - seenMs >= object.ttlMs * SILENT_SHARE || judged.has(object.owner));
      return isDue || (read.etag !== etag &&
        (isAll || object === undefined || nowMs - read.ms >= this.#options.readMs ||
          owners.has(object.owner)));
    });
    await mapLimited(wanted, READS_MAX, ([key]) => this.#read(key));
  }

  async #read(key: string): Promise<void> {
    const { objects, silenceClock } = this.#options;
    const startMs = silenceClock.monotonicMs();
    const known = this.#slots.get(key)!;
    const found = await objects.get(key, known.read?.etag);
    if (found === undefined) return void this.#slots.delete(key);
    if (found === "unchanged") {
      const { object } = known.read!;
      const read = { ...known.read!, ms: startMs, hasEnded: await this.#hasEnded(object) };
      this.#see(key, read.etag, { ageMs: known.ageMs, read });
      return;
    }
    const object = parseMemberObject(found.text);
    const last = known.read?.object;
    // A write of before that came late shows no life.
    if (object !== undefined && object.owner === last?.owner && object.counter < last.counter) {
      const late = { etag: found.etag, ms: startMs, object: last };
      const { seenMs, lastSeenMs = seenMs } = known;
      this.#slots.set(key, { ...known, etag: found.etag, seenMs: lastSeenMs, read: late });
      return;
    }
    const read = {
      ...{ etag: found.etag, ms: startMs, hasEnded: await this.#hasEnded(object) },
      ...(object === undefined ? {} : { object }),
    };
    this.#see(key, found.etag, { ageMs: known.ageMs, read });
  }

  async #hasEnded(object: MemberObject | undefined): Promise<boolean> {
    const { hasEnded } = this.#options;
    return object !== undefined && hasEnded !== undefined && await hasEnded(object.owner);
  }

  /** Frees what the dead had, and what nobody runs. */
  async #tidyUp({ division }: DivisionReading): Promise<void> {
    const dead = [...this.#slots].filter(([, sighting]) => isDead(sighting));
    const living = new Set(this.#living().map(({ object }) => object.owner));
    const gone = dead.map(([, { read }]) => read!).filter((read) =>
      !living.has(read.object!.owner)
    );
    // What it took after its last version is young: it may have woken.
    const fallen = new Set(gone.flatMap(({ object }) => namedBy(object!)));
    const ended = new Set(
      gone.filter(({ hasEnded }) => hasEnded).map(({ object }) => object!.owner),
    );
    const free = this.#noteUnnamed(division).filter((claim) =>
      fallen.has(idOf(claim)) || ended.has(claim.owner) || this.#isOver(claim)
    );
    const { objects, random } = this.#options;
    if (free.length > 0 || gone.length > 0) {
      await this.#options.division.change((draft) => {
        for (const claim of free) {
          const now = claimOf(draft, claim.stream);
          if (now !== undefined && idOf(now) === idOf(claim)) dropClaim(draft, now);
        }
        // Those who share with the dead look again.
        if (gone.length > 0) draft.changes++;
      });
    }
    for (const [key, { etag }] of dead) {
      const freed = await objects.replace(key, freeSlot(random.hex(16)), etag);
      if (freed !== undefined) this.wrote({ key, etag: freed }, undefined);
    }
  }

  /** Notes since when claims are not named; answers those. */
  #noteUnnamed(division: Division): DivisionClaim[] {
    const sinceMs = this.#options.silenceClock.monotonicMs();
    const unnamed = this.#unnamedOf(division);
    const ids = new Set(unnamed.map(idOf));
    for (const id of this.#unnamed.keys()) if (!ids.has(id)) this.#unnamed.delete(id);
    for (const claim of unnamed) {
      if (!this.#unnamed.has(idOf(claim))) {
        this.#unnamed.set(idOf(claim), { sinceMs, ttlMs: claim.ttlMs });
      }
    }
    return unnamed;
  }

  #isOver(claim: DivisionClaim): boolean {
    const { sinceMs = Infinity, ttlMs = Infinity } = this.#unnamed.get(idOf(claim)) ?? {};
    return this.#options.silenceClock.monotonicMs() - sinceMs >= ttlMs;
  }

  /** The claims that no living member names. */
  #unnamedOf(division: Division): DivisionClaim[] {
    const isNamed = this.#namedNow();
    return this.#listed.claimsOf(division).filter((claim) => !isNamed(claim));
  }

  /** Whether a living member names a claim. */
  #namedNow(): (claim: DivisionClaim) => boolean {
    const named = new Map(
      this.#living().map(({ object }) => [object.owner, this.#generationsOf(object)]),
    );
    return ({ owner, stream, generation }) => named.get(owner)?.get(stream) === generation;
  }

  /** Each look asks several times for what changes rarely, and there may be thousands. */
  #generationsOf({ claims }: MemberObject): ReadonlyMap<string, number> {
    const known = this.#generations.get(claims) ??
      new Map(claims.map(({ stream, generation }) => [stream, generation]));
    this.#generations.set(claims, known);
    return known;
  }

  /** By owner, each as its newest version says. */
  #living(): Living[] {
    const living = new Map<string, Living>();
    for (const sighting of this.#slots.values()) {
      const { read, seenMs, firstAgeMs } = sighting;
      if (read?.object === undefined || isDead(sighting)) continue;
      const { object } = read;
      const other = living.get(object.owner);
      if (other === undefined || other.object.counter < object.counter) {
        living.set(object.owner, { object, seenMs, firstAgeMs });
      }
    }
    return [...living.values()];
  }

  #sight(reading: DivisionReading): Sight {
    const nowMs = this.#options.silenceClock.monotonicMs();
    const leftOf = (seenMs: number, ttlMs: number) => Math.max(1, seenMs + ttlMs - nowMs);
    const living = this.#living();
    const isNamed = this.#namedNow();
    const { showsByAge = false } = this.#options;
    const members = living.flatMap(({ object, seenMs, firstAgeMs }) => {
      const sinceMs = showsByAge ? seenMs - firstAgeMs : seenMs;
      const isShown = !showsByAge || nowMs - sinceMs < object.ttlMs;
      return isShown ? [{ object, leftMs: leftOf(sinceMs, object.ttlMs) }] : [];
    });
    const byOwner = new Map(members.map(({ object, leftMs }) => [object.owner, leftMs]));
    const leases = this.#listed.leasesOf(reading.division, (claim) => {
      if (isNamed(claim)) return byOwner.get(claim.owner);
      return leftOf(this.#unnamed.get(idOf(claim))?.sinceMs ?? nowMs, claim.ttlMs);
    });
    return { reading, members, leases };
  }
}

function ttlOf({ read }: Sighting): number {
  return read?.object?.ttlMs ?? Infinity;
}

/** Not changed for its TTL when it was read last, or known to have ended. */
function isDead({ read, etag, seenMs }: Sighting): boolean {
  if (read?.object === undefined || read.etag !== etag) return false;
  return read.hasEnded === true || read.ms - seenMs >= read.object.ttlMs;
}

function namedBy({ owner, claims }: MemberObject): string[] {
  return claims.map((claim) => idOf({ ...claim, owner }));
}

function idOf(
  { stream, generation, owner }: Pick<DivisionClaim, "stream" | "generation" | "owner">,
) {
  return `${generation}\n${owner}\n${stream}`;
}
