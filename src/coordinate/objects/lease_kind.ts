import { TransientError } from "../../model/errors.ts";
import { objectOf, oneOf, text } from "../../support/json_shape.ts";
import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import type { Member, Members } from "../members.ts";
import type { SharedObjects } from "./shared_objects.ts";

/** Where leases can be kept that several instances share. */
export type LeaseKind = "destination" | "redis";

/** In the lake: the kind of leases that counts, and the last time that one of the other kind asked who lives. */
interface Written {
  readonly v: 1;
  readonly id: string;
  readonly kind: LeaseKind;
  readonly asks?: string;
}

const WRITTEN = objectOf<Written>({
  v: oneOf(1),
  id: text(),
  kind: oneOf("destination", "redis"),
  asks: text(),
}, ["asks"]);

export const KIND_KEY = "kind";

/** Who has asked is answered for so many TTLs; who waits asks again each TTL. */
const ANSWER_TTLS = 3;

export interface LeaseKindOptions {
  readonly kind: LeaseKind;
  readonly objects: SharedObjects;
  /** Those who keep their leases in the other place, as the lake shows them. */
  readonly others: Pick<Members, "list">;
  /** Shows this instance to those; absent where it is to be seen anyway. */
  readonly shown?: Pick<Members, "announce" | "leave">;
  /** Those of an older version, who know of no kinds. */
  readonly older?: Pick<Members, "list">;
  readonly self: Member;
  readonly ttlMs: number;
  /** An answer that is so old is good enough. */
  readonly restMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Keeps leases in one place at a time. Two instances that keep them in two places both have valid ones, and take turns at
 * each stream: that loses nothing, and is no progress. So the lake says where they are kept; an instance with another
 * place waits until nobody of the old one lives, and then says its own.
 */
export class LeaseKindGuard {
  readonly #options: LeaseKindOptions;
  #asked: { readonly id: string | undefined; readonly ms: number } | undefined;
  /** When this instance first asked who of the other kind lives. */
  #waitsSinceMs: number | undefined;
  #last: { readonly ms: number; readonly reason: string | undefined } | undefined;

  constructor(options: LeaseKindOptions) {
    this.#options = options;
  }

  /** Why this instance must not take anything now; undefined where nothing is in the way. */
  async elsewhere(): Promise<string | undefined> {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#last !== undefined && nowMs - this.#last.ms < this.#options.restMs) {
      return this.#last.reason;
    }
    const reason = await this.#look().catch((error: unknown) => {
      // Who has leases in Redis can do without the lake for a while.
      if (this.#options.kind === "redis" && error instanceof TransientError) {
        return this.#last?.reason;
      }
      throw error;
    });
    this.#last = { ms: nowMs, reason };
    return reason;
  }

  async leave(): Promise<void> {
    await this.#options.shown?.leave(this.#options.self.owner);
  }

  async #look(): Promise<string | undefined> {
    const { objects, kind, clock, ttlMs, self, shown } = this.#options;
    const found = await objects.get(KIND_KEY);
    const version = typeof found === "object" ? found : undefined;
    const said = version === undefined ? undefined : parse(version.text);
    if (said === undefined) {
      await this.#write({ kind }, version?.etag);
      return await this.#waitForOlder();
    }
    if (this.#asked?.id !== said.asks || this.#asked === undefined) {
      this.#asked = { id: said.asks, ms: clock.monotonicMs() };
    }
    const askedMs = clock.monotonicMs() - this.#asked.ms;
    if (said.kind === kind) {
      const isAsked = said.asks !== undefined && askedMs < ANSWER_TTLS * ttlMs;
      if (isAsked) await shown?.announce(self, ttlMs);
      return await this.#waitForOlder();
    }
    return await this.#wait(said, version!.etag, askedMs);
  }

  async #waitForOlder(): Promise<string | undefined> {
    const [older] = await this.#options.older?.list() ?? [];
    return older &&
      `Waiting for instance ${older.instance} of version ${older.version}, whose leases ` +
        "are files of the state store: it goes on by itself when all of those have stopped";
  }

  /** Those of the other kind show themselves when they are asked, and are given a TTL for it. */
  async #wait(said: Written, etag: string, askedMs: number): Promise<string | undefined> {
    const { others, kind, clock, random, ttlMs } = this.#options;
    const living = await others.list();
    const mustAsk = said.kind === "redis";
    const nowMs = clock.monotonicMs();
    const isAnswered = !mustAsk || nowMs - (this.#waitsSinceMs ?? nowMs) >= ttlMs;
    if (living.length === 0 && isAnswered && await this.#write({ kind }, etag)) return undefined;
    if (mustAsk && (this.#waitsSinceMs === undefined || askedMs >= ttlMs)) {
      await this.#write({ kind: said.kind, asks: random.hex(16) }, etag);
      this.#waitsSinceMs ??= nowMs;
    }
    const who = living[0] === undefined ? "instances" : `instance ${living[0].instance}`;
    const where = said.kind === "redis" ? "Redis" : "the destination";
    return `Waiting for ${who}, whose leases are in ${where}: only one place can have them; it ` +
      `goes on by itself when all of those have stopped, or set LEASES=${said.kind} here`;
  }

  async #write(said: Pick<Written, "kind" | "asks">, etag: string | undefined): Promise<boolean> {
    const { objects, random } = this.#options;
    const written = JSON.stringify({ v: 1, id: random.hex(16), ...said }) + "\n";
    return (etag === undefined
      ? await objects.create(KIND_KEY, written)
      : await objects.replace(KIND_KEY, written, etag)) !== undefined;
  }
}

/** What is none of ours counts as absent. */
function parse(given: string): Written | undefined {
  try {
    return WRITTEN(JSON.parse(given), "");
  } catch {
    return undefined;
  }
}
