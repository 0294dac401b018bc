import { TransientError } from "../../src/model/errors.ts";
import type { ListedObject, SharedObjects } from "../../src/coordinate/objects/shared_objects.ts";
import { type Clock, withTimeout } from "../../src/support/clock.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { memorySharedObjects } from "../support/memory_shared_objects.ts";
import type { Service } from "./boundary.ts";

/** Far from the seeds of worlds, and from those of other chances. */
const SEEDS_FIRST = 4_000_000_007;

/** Whether the instances of a world keep their leases in objects, and not in Redis. */
export function keepsLeasesInObjects(seed: number): boolean {
  return new SeededRandom(seed + SEEDS_FIRST).chance(0.4);
}

/** A list may be as old as that. */
const LIST_MS_MAX = 4000;
const STALE_LISTS = 0.3;
const DOUBLES = 0.02;

type Listed = ReadonlyMap<string, ListedObject>;

/**
 * Objects as an instance meets them: answers come late or never, a write may be sent twice by something on the way, and
 * lists may be old.
 */
export class SimObjects {
  #objects: SharedObjects = memorySharedObjects();
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #lists: { readonly atMs: number; readonly listed: Listed }[] = [];
  /** Everything is well from now on. */
  isCalm = false;

  constructor(seed: number, clock: Clock) {
    this.#clock = clock;
    this.#random = new SeededRandom(seed + SEEDS_FIRST + 1);
  }

  /** As the world sees them. */
  get true(): SharedObjects {
    return this.#objects;
  }

  /** Somebody deletes everything. */
  forget(): void {
    this.#objects = memorySharedObjects();
  }

  /** As one instance reaches them, which gives up after so long. */
  reach(
    call: <T>(
      service: Service,
      method: string,
      subject: string,
      effect: () => Promise<T>,
    ) => Promise<T>,
    clock: Clock,
    callMsMax: number,
  ): SharedObjects {
    const objects = () => this.#objects;
    const ask = <T>(method: string, subject: string, effect: () => Promise<T>): Promise<T> => {
      const late = () => new TransientError(`Cannot ${method} ${subject}: no answer in time`);
      return withTimeout(clock, callMsMax, call("redis", method, subject, effect), late);
    };
    const write = (key: string, effect: () => Promise<string | undefined>) =>
      ask("put", key, async () => {
        const isDouble = !this.isCalm && this.#random.chance(DOUBLES);
        const first = await effect();
        this.#remember(await objects().list(""));
        return isDouble ? await effect() : first;
      });
    return {
      create: (key, text) => write(key, () => objects().create(key, text)),
      replace: (key, text, etag) => write(key, () => objects().replace(key, text, etag)),
      get: (key, knownEtag) => ask("get", key, () => objects().get(key, knownEtag)),
      list: (prefix) =>
        ask("list", prefix, async () => this.#stale(await objects().list(""), prefix)),
    };
  }

  #remember(listed: Listed): void {
    const atMs = this.#clock.monotonicMs();
    this.#lists.push({ atMs, listed });
    while (this.#lists[0]!.atMs < atMs - LIST_MS_MAX) this.#lists.shift();
  }

  #stale(now: Listed, prefix: string): Listed {
    const isStale = !this.isCalm && this.#random.chance(STALE_LISTS);
    const listed = isStale && this.#lists.length > 0 ? this.#random.pick(this.#lists).listed : now;
    return new Map([...listed].filter(([key]) => key.startsWith(prefix)));
  }
}
