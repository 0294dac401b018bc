import { TransientError } from "../../model/errors.ts";
import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import type { Member } from "../members.ts";
import type { InstanceNews } from "../news.ts";
import {
  formatMemberObject,
  freeSlot,
  type MemberObject,
  type NamedClaim,
  parseMemberObject,
  slotKey,
  type TimedNews,
} from "./member_object.ts";
import type { SharedObjects } from "./shared_objects.ts";

/** What a member object is written with. */
export interface OwnMemberTools {
  readonly objects: SharedObjects;
  readonly clock: Clock;
  readonly random: Random;
  /** The owner's own, where an answer was lost; slots of those who are gone; the first that nobody ever had. */
  slots(owner: string): Promise<Slots>;
  /** Told of claims that were not said to be run for their TTL: they can be had. */
  gaveUp(claims: readonly NamedClaim[]): void;
  /** Told of each version that is there now; without an object the slot is free. */
  written(slot: Slot, object: MemberObject | undefined): void;
}

export interface Slot {
  readonly key: string;
  readonly etag: string;
}

export interface Slots {
  readonly own?: Slot;
  readonly free: readonly Slot[];
  readonly next: number;
}

/** The last version that arrived. */
export interface Beat {
  readonly startMs: number;
  readonly object: MemberObject;
  /** The claims that it names: by stream, their generations. */
  readonly named: ReadonlyMap<string, number>;
}

interface Asked extends NamedClaim {
  atMs: number;
  ttlMs: number;
}

function written(claims: readonly NamedClaim[]) {
  return {
    claims: claims.map(({ stream, generation }) => ({ stream, generation })),
    named: new Map(claims.map(({ stream, generation }) => [stream, generation])),
  };
}

const TRIES_MAX = 8;

/**
 * The member object of one owner. One write is under way at a time, in place of the last one that arrived; who finds a
 * stranger in its slot takes another.
 */
export class OwnMember {
  readonly #owner: string;
  readonly #tools: OwnMemberTools;
  readonly #claims = new Map<string, Asked>();
  /** The claims as they are written, until there are others. */
  #written: Pick<Beat, "named"> & { readonly claims: readonly NamedClaim[] } | undefined;
  #member: Member | undefined;
  #news: TimedNews | undefined;
  #ttlMs = 0;
  #hasLeft = false;
  #slot: Slot | undefined;
  #counter = 0;
  #beat: Beat | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(owner: string, tools: OwnMemberTools) {
    this.#owner = owner;
    this.#tools = tools;
  }

  get lastBeat(): Beat | undefined {
    return this.#beat;
  }

  /** What it tells from the next version on. */
  tell(member: Member | undefined, ttlMs: number): void {
    this.#member = member;
    this.#ttlMs = ttlMs;
    this.#hasLeft = false;
  }

  /** Whether it gave its slot back: what it tells then is for nobody. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  tellNews(told: InstanceNews, ttlMs: number): void {
    this.#news = { told, ttlMs };
    if (this.#ttlMs === 0) this.#ttlMs = ttlMs;
  }

  /** The claim is run, as of now; where that is not said again for its TTL, it is not named any longer. */
  runs(claim: NamedClaim, ttlMs: number): void {
    const { stream, generation } = claim;
    const atMs = this.#tools.clock.monotonicMs();
    this.#ttlMs = ttlMs;
    const known = this.#claims.get(stream);
    if (known?.generation === generation) {
      known.atMs = atMs;
      known.ttlMs = ttlMs;
    } else {
      this.#claims.set(stream, { stream, generation, atMs, ttlMs });
      this.#written = undefined;
    }
  }

  endsRunning({ stream, generation }: NamedClaim): void {
    if (this.#claims.get(stream)?.generation === generation) this.#drop(stream);
  }

  /** A version that arrived and whose writing began at most `restMs` before the call; `naming`: one that names these claims. */
  write(restMs: number, naming: readonly NamedClaim[] = []): Promise<Beat> {
    const sinceMs = this.#tools.clock.monotonicMs() - restMs;
    return this.#inTurn(async () => {
      const beat = this.#beat;
      const isEnough = beat !== undefined && beat.startMs >= sinceMs &&
        naming.every(({ stream, generation }) => beat.named.get(stream) === generation);
      return isEnough ? beat : await this.#writeNow();
    });
  }

  /** Gives the slot back. */
  leave(): Promise<void> {
    return this.#inTurn(async () => {
      const slot = this.#slot;
      this.#hasLeft = true;
      this.#slot =
        this.#beat =
        this.#member =
        this.#news =
          undefined;
      this.#claims.clear();
      this.#written = undefined;
      if (slot === undefined) return;
      const { objects, random, written } = this.#tools;
      const etag = await objects.replace(slot.key, freeSlot(random.hex(16)), slot.etag);
      if (etag !== undefined) written({ key: slot.key, etag }, undefined);
    });
  }

  #drop(stream: string): void {
    this.#claims.delete(stream);
    this.#written = undefined;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(action, action);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #writeNow(): Promise<Beat> {
    for (let tries = 1; tries <= TRIES_MAX; tries++) {
      const startMs = this.#tools.clock.monotonicMs();
      const { object, named } = this.#say(startMs);
      const text = formatMemberObject(object, this.#tools.random.hex(16));
      const slot = this.#slot === undefined
        ? await this.#takeSlot(text)
        : await this.#replace(this.#slot, text);
      if (slot === undefined) continue;
      this.#slot = slot;
      this.#beat = { startMs, object, named };
      this.#tools.written(slot, object);
      return this.#beat;
    }
    throw new TransientError(
      `Cannot tell the other instances of ${this.#owner}: no slot could be had, ${TRIES_MAX} times`,
    );
  }

  #say(nowMs: number): Pick<Beat, "object" | "named"> {
    const over: Asked[] = [];
    for (const asked of this.#claims.values()) {
      if (nowMs - asked.atMs >= asked.ttlMs) over.push(asked);
    }
    for (const { stream } of over) this.#drop(stream);
    if (over.length > 0) this.#tools.gaveUp(over);
    const { claims, named } = this.#written ??= written([...this.#claims.values()]);
    const object: MemberObject = {
      owner: this.#owner,
      counter: ++this.#counter,
      ttlMs: Math.ceil(this.#ttlMs),
      claims,
      ...(this.#member === undefined ? {} : { member: this.#member }),
      ...(this.#news === undefined ? {} : { news: this.#news }),
    };
    return { object, named };
  }

  async #replace(slot: Slot, text: string): Promise<Slot | undefined> {
    const { key } = slot;
    const etag = await this.#tools.objects.replace(key, text, slot.etag);
    if (etag !== undefined) return { key, etag };
    // An earlier write has arrived after all; or others took the slot, because this process stood still.
    const found = await this.#tools.objects.get(key);
    const isOurs = typeof found === "object" &&
      parseMemberObject(found.text)?.owner === this.#owner;
    this.#slot = isOurs ? { key, etag: found.etag } : undefined;
    return undefined;
  }

  async #takeSlot(text: string): Promise<Slot | undefined> {
    const { objects } = this.#tools;
    const { own, free, next } = await this.#tools.slots(this.#owner);
    for (const { key, etag } of own === undefined ? free : [own]) {
      const written = await objects.replace(key, text, etag);
      if (written !== undefined) return { key, etag: written };
    }
    for (let slot = next; slot < next + TRIES_MAX; slot++) {
      const etag = await objects.create(slotKey(slot), text);
      if (etag !== undefined) return { key: slotKey(slot), etag };
    }
    return undefined;
  }
}
