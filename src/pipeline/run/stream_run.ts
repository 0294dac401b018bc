/**
 * One run of one stream under one lease: from taking over its journal until it is told to stop, or fails.
 *
 * The loop looks at everything that can happen (a reply, a batch grown old, a flush asked for, a step of the writer, a
 * failure, the stop) and sleeps until the doorbell rings. Modes: *reading*, with a reader one reply ahead; *draining*
 * after the stop, when what is read is flushed, recorded and stored. It reopens where it stands after an invalidate and a
 * lost cursor.
 */
import { errorMessage, HistoryLostError, TransientError } from "../../model/errors.ts";
import { comparePositions, type Position } from "../../model/position.ts";
import { Wake } from "../../support/flow/notify.ts";
import type { BatchRecord } from "../../model/record.ts";
import { rowEncoding } from "../../model/settings.ts";
import type { Barrier } from "../layout/barrier.ts";
import { Batcher, type ReplyInHand } from "../batch/batcher.ts";
import { BatchWriter, type CrashedBatch } from "../batch/batch_writer.ts";
import { encodeAhead } from "../batch/encode_ahead.ts";
import { isFarewell } from "../record/farewell.ts";
import { HeartbeatTimer } from "../batch/heartbeat_timer.ts";
import type { JournalTail } from "../record/journal_tail.ts";
import { isReadOtherwise } from "../record/wanted_settings.ts";
import type { BudgetMember } from "../read/memory_budget.ts";
import { announceLoss } from "../recover/announce_loss.ts";
import { openEarliest } from "../recover/open_earliest.ts";
import { type HeldReply, ReadAhead } from "../read/read_ahead.ts";
import { openReadable } from "../read/past_unreadable.ts";
import type { Reservation } from "../read/reservation.ts";
import type { Lease } from "../ports.ts";
import { replyRead } from "./reply_read.ts";
import { StateKeeper } from "./state_keeper.ts";
import type { StreamContext } from "../stream_context.ts";
import type { Suspicion } from "../batch/poison_search.ts";

/** A cursor that is lost again sooner than this is not reopened at once: the stream starts over, with backoff. */
const REOPEN_MS_MIN = 1000;

/** Where nothing happens, one turn in so many is enough, and where that is told without a turn, one in so many. */
const IDLE_TURNS = 3;
const TOLD_TURNS = 60;

export class StreamRun implements BudgetMember {
  readonly #context: StreamContext;
  readonly #lease: Lease;
  readonly #tail: JournalTail;
  readonly #suspicion: Suspicion;
  readonly #wake: Wake;
  readonly #writer: BatchWriter;
  readonly #state: StateKeeper;
  readonly #heartbeat: HeartbeatTimer;
  #batcher: Batcher;
  /** What the open batch holds of the budget. */
  #batchRoom: Reservation;
  #reader: ReadAhead | undefined;
  #hand: (ReplyInHand & HeldReply) | undefined;
  #batchStartedMs = 0;
  #flushAsked = false;
  #isAnnounced = false;
  /** How often history was lost since the last reply: what was found then was lost, too. */
  #losses = 0;
  #reopenedMs = -Infinity;
  #lastTurnMs: number;
  #isIdle = false;
  /** Whether the reader tells that there is nothing without a reply. */
  #isTold = false;
  readonly #barrier: Barrier | undefined;
  readonly #opened: () => void;

  /** `opened` is called each time the server has accepted the position. */
  constructor(
    context: StreamContext,
    lease: Lease,
    tail: JournalTail,
    suspicion: Suspicion,
    barrier: Barrier | undefined,
    opened: () => void = () => {},
  ) {
    this.#barrier = barrier;
    this.#opened = opened;
    this.#context = context;
    this.#lease = lease;
    this.#tail = tail;
    this.#suspicion = suspicion;
    this.#wake = new Wake(context.clock);
    this.#state = new StateKeeper(context, lease, tail);
    const stored = (record: BatchRecord): void => {
      this.#state.stored(record);
      this.#suspicion.passed(record.to);
    };
    this.#writer = new BatchWriter(context, lease, tail, this.#wake, stored, barrier);
    this.#heartbeat = new HeartbeatTimer(context, tail, this.#writer);
    this.#batcher = this.#newBatcher(tail.position);
    this.#batchRoom = context.budget.reserve(0);
    this.#lastTurnMs = context.clock.monotonicMs();
  }

  /** Where reading has come to; the journal may be behind it. */
  get position(): Position {
    return this.#batcher.position;
  }

  /** When the loop last turned (monotonic), for the watchdog; one that only waits for events does not hang. */
  get lastTurnMs(): number {
    return this.#isIdle ? this.#context.clock.monotonicMs() : this.#lastTurnMs;
  }

  /** The batch on which an encoder died in this run. */
  get crashed(): CrashedBatch | undefined {
    return this.#writer.crashed;
  }

  openBatchBytes(): number {
    return this.#batcher.bytes;
  }

  /** Cuts the open batch soon. */
  flush(): void {
    this.#flushAsked = true;
    this.#wake.ring();
  }

  /**
   * Runs until `stop` is aborted or the stream has come to its barrier (then everything up to there is stored, and it
   * returns), or something fails (then what is appended is finished where possible, the rest dropped, and it throws).
   */
  async run(stop: AbortSignal): Promise<"stopped" | "closed"> {
    const { budget } = this.#context;
    using _ring = this.#wake.ringAt([stop, this.#lease.signal]);
    budget.join(this);
    this.#heartbeat.followOplog(this.#lease.signal);
    try {
      const outcome = await this.#loop(stop);
      if (outcome === "stopped") await this.#drain();
      else await this.#close();
      return outcome;
    } finally {
      budget.leave(this);
      await this.#closeReader();
      this.#batcher.drop();
      this.#batchRoom.release();
      await this.#writer.drained().catch(() => {}); // The failure itself is already on its way up.
      await this.#heartbeat.close();
      await this.#state.close();
    }
  }

  async #loop(stop: AbortSignal): Promise<"stopped" | "closed"> {
    this.#openReader();
    while (!stop.aborted) {
      this.#lastTurnMs = this.#context.clock.monotonicMs();
      this.#throwIfFailed();
      this.#announceOpen();
      this.#barrier?.lookIfDue(this.#lastTurnMs, this.#lease.signal, () => this.#wake.ring());
      if (this.#barrier?.isReachedBy(this.#batcher.position)) return "closed";
      // The next run has it: its first record says so.
      if (this.#isReadOtherwise()) return "stopped";
      const moved = await this.#takeStep();
      if (!moved) await this.#rest();
    }
    return "stopped";
  }

  #isReadOtherwise(): boolean {
    const { settings, stream, recordFormat } = this.#context;
    const { facts, last } = this.#tail;
    return isReadOtherwise(settings, facts.settings, stream, recordFormat.versionAfter(last.v));
  }

  /** Does one thing that can be done now; false if there is none. */
  async #takeStep(): Promise<boolean> {
    if (this.#mustCut() && this.#writer.hasRoom) {
      this.#cut();
      return true;
    }
    this.#hand ??= this.#takeReply();
    // A batch that waits to be cut takes nothing more: its next event may need an object more than it may have.
    const takesMore = !this.#flushAsked && !this.#batcher.isFull() && !this.#batcher.isBehind;
    if (this.#hand !== undefined && takesMore) {
      await this.#consume(this.#hand);
      return true;
    }
    const failure = this.#reader?.failure;
    if (failure !== undefined && this.#hand === undefined && takesMore) {
      await this.#recover(failure.error);
      return true;
    }
    return this.#heartbeat.beatIfDue(this.#batcher, this.#lease.signal);
  }

  #takeReply(): (ReplyInHand & HeldReply) | undefined {
    const taken = this.#reader?.take();
    if (taken === undefined) return undefined;
    this.#losses = 0;
    const reply = this.#barrier?.trim(taken.reply) ?? taken.reply;
    this.#context.observe(replyRead(reply));
    return { reply, room: taken.room, next: 0 };
  }

  /** Moves events from the reply into the batch; both hold their bytes in the budget until the reply is used up. */
  async #consume(hand: ReplyInHand & HeldReply): Promise<void> {
    if (this.#batcher.rows === 0) this.#batchStartedMs = this.#context.clock.monotonicMs();
    const usedUp = this.#batcher.add(hand);
    this.#batchRoom.resize(this.#batcher.bytes);
    if (!usedUp) {
      if (!this.#batcher.isFull()) this.#flushAsked = true;
      return;
    }
    hand.room.release();
    this.#hand = undefined;
    if (hand.reply.invalidated) await this.#reopenAfterInvalidate(hand.reply.highWater);
  }

  #mustCut(): boolean {
    if (this.#batcher.rows === 0) {
      this.#flushAsked = false;
      return false;
    }
    return this.#flushAsked || this.#batcher.isFull() || this.#batchAgeLeftMs() <= 0;
  }

  #cut(): void {
    this.#flushAsked = false;
    const reached = this.#batcher.position;
    const batch = this.#batcher.cut();
    if (batch === undefined) return;
    this.#writer.submit(batch, this.#batchRoom, this.#batchStartedMs);
    this.#batchRoom = this.#context.budget.reserve(0);
    this.#batchStartedMs = this.#context.clock.monotonicMs();
    this.#batcher = this.#newBatcher(batch.to);
    this.#batcher.advance(reached);
  }

  #newBatcher(from: Position): Batcher {
    const { stream, encoder, options } = this.#context;
    const { settings } = this.#tail.facts;
    const rowsMax = Math.min(options.batch.rowsMax, this.#suspicion.rowsMax(from));
    const limits = { ...options.batch, rowsMax };
    const { setAside } = this.#suspicion;
    const ahead = encodeAhead(encoder, rowEncoding(settings), options, () => this.#wake.ring());
    return new Batcher(stream, from, settings.keyRule.bucket, limits, setAside, ahead);
  }

  #openReader(): void {
    const { source, budget, stream } = this.#context;
    const request = {
      stream,
      from: this.#batcher.position,
      settings: this.#tail.facts.settings,
      images: "as-set" as const,
      live: true as const,
      nothing: (upTo: Position, waitMs: number) => this.#noteNothing(upTo, waitMs),
    };
    const open = (signal: AbortSignal) => openReadable(source, request, signal);
    this.#reader = new ReadAhead({ open, budget, wake: this.#wake, signal: this.#lease.signal });
    this.#isAnnounced = false;
    this.#isTold = false;
  }

  /** As a turn with an empty reply would, at a small part of its cost: nearly all of thousands of streams are idle. */
  #noteNothing(upTo: Position, waitMs: number): boolean {
    if (!this.#isIdle || this.#barrier?.position !== undefined) return false;
    this.#isTold = true;
    this.#losses = 0;
    this.#batcher.advance(upTo);
    const { operationTime: highWater } = upTo;
    const nothing = { events: 0, bytes: 0, waitMs, highWater, isSecondHand: true } as const;
    this.#context.observe({ type: "reply-read", ...nothing });
    const nowMs = this.#context.clock.monotonicMs();
    this.#barrier?.lookIfDue(nowMs, this.#lease.signal, () => this.#wake.ring());
    const hasBeaten = this.#heartbeat.beatIfDue(this.#batcher, this.#lease.signal);
    if (hasBeaten || this.#isReadOtherwise()) this.#wake.ring();
    return true;
  }

  #announceOpen(): void {
    if (this.#isAnnounced || this.#reader?.isOpen !== true) return;
    this.#isAnnounced = true;
    this.#context.observe({ type: "source-opened", position: this.#batcher.position });
    this.#opened();
  }

  async #closeReader(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    this.#hand?.room.release();
    this.#hand = undefined;
    await reader?.close();
  }

  /** What is watched was dropped or renamed: a record says so, and the stream goes on after it. */
  async #reopenAfterInvalidate(to: Position): Promise<void> {
    await this.#closeReader();
    await this.#turnUntil(() => this.#writer.hasRoom);
    this.#cut();
    this.#writer.mark({ kind: "reopened", to });
    this.#batcher = this.#newBatcher(to);
    this.#context.observe({ type: "reopened", position: to });
    this.#openReader();
  }

  /** Goes on after a failure of the reader where that is possible; throws it where not. */
  async #recover(error: unknown): Promise<void> {
    const wasOpen = this.#reader?.isOpen === true;
    await this.#closeReader();
    if (error instanceof HistoryLostError && this.#context.options.onHistoryLost !== "fail") {
      await this.#skipLostHistory(error);
    } else {
      const nowMs = this.#context.clock.monotonicMs();
      const tooSoon = nowMs - this.#reopenedMs < REOPEN_MS_MIN;
      if (!(error instanceof TransientError) || !wasOpen || tooSoon) throw error;
      this.#reopenedMs = nowMs;
      this.#context.observe({ type: "source-lost", reason: errorMessage(error) });
    }
    this.#openReader();
  }

  /** Goes on at the oldest entry that the oplog still has; a `gap` record says what is missing. */
  async #skipLostHistory(error: HistoryLostError): Promise<void> {
    await this.#settle();
    const from = this.#tail.position;
    const oldest = await openEarliest(this.#context, this.#lease.signal, this.#losses++);
    const barrier = this.#barrier?.position;
    // What is missing beyond the barrier is missing in the streams that follow.
    const isBeyond = barrier !== undefined && comparePositions(oldest, barrier) > 0;
    const to = isBeyond ? barrier : oldest;
    if (comparePositions(to, from) <= 0) throw error;
    const reason = errorMessage(error);
    await announceLoss(this.#context, this.#tail, this.#lease.signal);
    this.#writer.mark({ kind: "gap", to, reason });
    this.#batcher = this.#newBatcher(to);
    this.#context.observe({ type: "history-gap", from, to, reason });
  }

  /** After the stop: everything read so far is stored, and the journal says that it is. */
  async #drain(): Promise<void> {
    await this.#settle();
    if (!isFarewell(this.#tail.last)) {
      this.#writer.mark({ kind: "heartbeat", to: this.#batcher.position }, true);
      await this.#writer.drained();
    }
    await this.#state.save();
    this.#context.observe({ type: "stream-drained", position: this.#tail.position });
  }

  /** At the barrier: everything before it is stored, and the journal ends. */
  async #close(): Promise<void> {
    await this.#settle();
    const to = this.#batcher.position;
    this.#writer.mark({ kind: "closed", to, reason: "it was divided anew or retired here" });
    await this.#writer.drained();
    await this.#state.save();
    this.#context.observe({ type: "stream-closed", position: to });
  }

  /** Reads no more and stores all that was read. */
  async #settle(): Promise<void> {
    await this.#closeReader();
    await this.#turnUntil(() => this.#writer.hasRoom);
    this.#cut();
    await this.#turnUntil(() => this.#writer.isIdle);
    await this.#writer.drained();
  }

  /** Waits for the writer, turning as the loop does. */
  async #turnUntil(condition: () => boolean): Promise<void> {
    while (!condition()) {
      this.#lastTurnMs = this.#context.clock.monotonicMs();
      this.#throwIfFailed();
      await this.#wake.wait(this.#context.options.turnMsMax);
    }
  }

  #throwIfFailed(): void {
    if (this.#writer.failure !== undefined) throw this.#writer.failure.error;
    this.#lease.signal.throwIfAborted();
  }

  #batchAgeLeftMs(): number {
    const age = this.#context.clock.monotonicMs() - this.#batchStartedMs;
    return this.#context.options.batchAgeMsMax - age;
  }

  /** Waits for something to do. Thousands of idle streams turn seldom, and with each reply. */
  async #rest(): Promise<void> {
    const { silenceMsMax } = this.#context;
    this.#isIdle = silenceMsMax === undefined && this.#hand === undefined &&
      this.#batcher.rows === 0 && this.#writer.isIdle;
    const deadlineMs = this.#nextDeadlineMs();
    const turns = this.#isTold ? TOLD_TURNS : IDLE_TURNS;
    await this.#wake.wait(this.#isIdle ? deadlineMs * turns : deadlineMs);
    this.#isIdle = false;
  }

  #nextDeadlineMs(): number {
    const { turnMsMax } = this.#context.options;
    if (this.#batcher.rows === 0 || !this.#writer.hasRoom) return turnMsMax;
    return Math.min(turnMsMax, Math.max(0, this.#batchAgeLeftMs()));
  }
}
