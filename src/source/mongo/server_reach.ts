import type { MongoClient } from "mongodb";
import type { SourceDescription } from "../../pipeline/ports.ts";
import type { Clock } from "../../support/clock.ts";
import { greet, ifPermitted, oldestOplogEntry, type OplogEntry } from "./server_facts.ts";

/** How far the server is, and how far its oplog reaches back where it says that. */
export type Reach = Omit<SourceDescription, "identity" | "version">;

/** How far back the oplog reaches changes slowly, and is asked for so often at most. */
const OLDEST_MS = 10_000;

/**
 * Asks a server again and again whether it answers and how far it is: one command, where all that can be told of it is four.
 * A copy in which nothing happens did little else.
 */
export class ServerReach {
  readonly #client: MongoClient;
  readonly #clock: Clock;
  #oldest: OplogEntry | undefined;
  #askedMs = -Infinity;

  constructor(client: MongoClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async ask(signal: AbortSignal): Promise<Reach> {
    const { isMongos, operationTime } = await greet(this.#client, signal);
    const oldest = isMongos ? undefined : await this.#oldestNow(signal);
    return {
      operationTime,
      ...(oldest === undefined ? {} : { oldestOplogTime: oldest.time }),
      ...(oldest?.isFirstEver ? { isOplogWhole: true } : {}),
    };
  }

  async #oldestNow(signal: AbortSignal): Promise<OplogEntry | undefined> {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#askedMs < OLDEST_MS) return this.#oldest;
    this.#oldest = await ifPermitted(oldestOplogEntry(this.#client, signal));
    this.#askedMs = nowMs;
    return this.#oldest;
  }
}
