import { TransientError } from "../../src/model/errors.ts";
import type { SharedObjects } from "../../src/coordinate/objects/shared_objects.ts";

/** What becomes of a call: `lost`: it is done, and its answer is lost; `held`: it is done when `land` is called. */
export type Fate = "lost" | "held" | "refused";

/** Objects that note what is asked of them, and of which a test can lose and hold back calls. */
export class WatchedObjects implements SharedObjects {
  /** `replace members/000001`, in order. */
  readonly log: string[] = [];
  /** Asked before each call. */
  fate: (call: string) => Fate | undefined = () => undefined;
  /** Gives another list than there is. */
  listed: SharedObjects["list"] | undefined;
  readonly #objects: SharedObjects;
  readonly #held: (() => Promise<unknown>)[] = [];

  constructor(objects: SharedObjects) {
    this.#objects = objects;
  }

  /** Lets the calls arrive that were held back. */
  async land(): Promise<void> {
    for (const call of this.#held.splice(0)) await call();
  }

  /** What was asked since the last time. */
  asked(): string[] {
    return this.log.splice(0);
  }

  create(key: string, text: string) {
    return this.#call(`create ${key}`, () => this.#objects.create(key, text));
  }

  replace(key: string, text: string, etag: string) {
    return this.#call(`replace ${key}`, () => this.#objects.replace(key, text, etag));
  }

  get(key: string, knownEtag?: string) {
    return this.#call(`get ${key}`, () => this.#objects.get(key, knownEtag));
  }

  list(prefix: string) {
    return this.#call(`list ${prefix}`, () => (this.listed ?? this.#objects.list)(prefix));
  }

  async #call<T>(call: string, effect: () => Promise<T>): Promise<T> {
    this.log.push(call);
    const fate = this.fate(call);
    if (fate === undefined) return await effect();
    if (fate === "lost") await effect();
    if (fate === "held") this.#held.push(effect);
    throw new TransientError(`Cannot ${call}: no answer`);
  }
}
