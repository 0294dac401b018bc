import { comparePositions } from "../../model/position.ts";
import type { Batcher } from "./batcher.ts";
import type { BatchWriter } from "./batch_writer.ts";
import type { JournalTail } from "../record/journal_tail.ts";
import type { StreamContext } from "../stream_context.ts";

/** The journal of an idle stream moves on at least so many times within the time that the oplog reaches back. */
const HEARTBEATS_A_WINDOW = 10;

/** Heartbeats closer to each other than this would only cost requests. */
const HEARTBEAT_MS_MIN = 1000;

/** Lets the journal of an idle stream follow the server's high-water mark, so that its position never ages out. */
export class HeartbeatTimer {
  readonly #context: StreamContext;
  readonly #tail: JournalTail;
  readonly #writer: BatchWriter;
  #seqSeen: number;
  #sinceMs: number;
  #intervalMs: number;
  #following: Promise<void> = Promise.resolve();

  constructor(context: StreamContext, tail: JournalTail, writer: BatchWriter) {
    this.#context = context;
    this.#tail = tail;
    this.#writer = writer;
    this.#seqSeen = tail.last.seq;
    this.#sinceMs = context.clock.monotonicMs();
    this.#intervalMs = context.options.heartbeatMsMax;
  }

  /** Asks the server how far back its oplog reaches now, and follows. Where it does not say, nothing changes. */
  followOplog(signal: AbortSignal): void {
    this.#following = this.#context.source.describe(signal).then((description) => {
      const { operationTime, oldestOplogTime } = description;
      if (oldestOplogTime === undefined) return;
      const windowMs = (operationTime.t - oldestOplogTime.t) * 1000;
      const share = Math.max(HEARTBEAT_MS_MIN, windowMs / HEARTBEATS_A_WINDOW);
      this.#intervalMs = Math.min(this.#context.options.heartbeatMsMax, share);
    }, () => {
      // The reader meets the same server and says what is wrong with it.
    });
  }

  /** Waits for a question that is on its way. */
  async close(): Promise<void> {
    await this.#following;
  }

  /** Appends a heartbeat if the journal has been silent for long, nothing is under way, and there is news. */
  beatIfDue(batcher: Batcher, signal: AbortSignal): boolean {
    const nowMs = this.#context.clock.monotonicMs();
    if (this.#tail.last.seq !== this.#seqSeen) {
      this.#seqSeen = this.#tail.last.seq;
      this.#sinceMs = nowMs;
    }
    const { silenceMsMax = Infinity } = this.#context;
    const silentMs = nowMs - this.#sinceMs;
    if (silentMs < Math.min(this.#intervalMs, silenceMsMax) || !this.#writer.isIdle) return false;
    const isNews = batcher.rows === 0 &&
      comparePositions(batcher.position, this.#tail.position) > 0;
    if (!isNews && silentMs < silenceMsMax) return false;
    this.#sinceMs = nowMs;
    const to = isNews ? batcher.position : this.#tail.position;
    this.#writer.mark({ kind: "heartbeat", to });
    this.followOplog(signal);
    return true;
  }
}
