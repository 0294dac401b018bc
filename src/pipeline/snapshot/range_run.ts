/** One run of one range of a snapshot under one lease: what was emptied first, then piece after piece. */
import { compareClusterTimes } from "../../model/cluster_time.ts";
import { positionAfterTime } from "../../model/position.ts";
import { type Chunk, RANGE_CANCELLED } from "../../model/record.ts";
import { rowEncoding } from "../../model/settings.ts";
import { rowSuffix, rowToken, type SnapshotPlan } from "../../model/snapshot.ts";
import { sleep } from "../../support/clock.ts";
import { Wake } from "../../support/flow/notify.ts";
import { Batcher } from "../batch/batcher.ts";
import { BatchWriter } from "../batch/batch_writer.ts";
import { encodeAhead } from "../batch/encode_ahead.ts";
import type { DocumentCursor, DocumentReply } from "../documents.ts";
import { DocumentQueue } from "./document_queue.ts";
import { type HeldReply, ReadAhead } from "../read/read_ahead.ts";
import type { BudgetMember } from "../read/memory_budget.ts";
import type { Reservation } from "../read/reservation.ts";
import type { JournalTail } from "../record/journal_tail.ts";
import type { Lease } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";
import { ENCODER_DIED, RangeSuspicion } from "./range_suspicion.ts";
import { openRange, placeOf, type RangePlace, type Target } from "./range_journal.ts";

/** A server forgets a time after five minutes, where nobody has set it otherwise. */
const TIME_MS_MAX = 60_000;

/** The majority point comes to the floor within milliseconds, on an idle server within ten seconds. */
const BELOW_FLOOR_MS = 100;

/**
 * Runs a range of a snapshot under a lease until `stop` or until all of it is in the lake. As `runStream`; `opened` is given
 * the run once its journal is taken over.
 */
export async function runRange(
  context: StreamContext,
  lease: Lease,
  stop: AbortSignal,
  suspicion: RangeSuspicion = new RangeSuspicion(),
  opened: (run: RangeRun) => void = () => {},
): Promise<"stopped" | "closed"> {
  context.observe({ type: "stream-started", generation: lease.generation });
  const tail = await openRange(context, lease);
  if (tail.last.kind === "closed") return "closed";
  const place = await placeOf(context.journal, context.key, tail.last, context.range!);
  const run = new RangeRun(context, lease, tail, place, suspicion);
  opened(run);
  return await run.run(stop);
}

export class RangeRun implements BudgetMember {
  readonly #context: StreamContext;
  readonly #lease: Lease;
  readonly #tail: JournalTail;
  readonly #wake: Wake;
  readonly #writer: BatchWriter;
  #place: RangePlace;
  #batcher: Batcher;
  #batchRoom: Reservation;
  readonly #queue = new DocumentQueue();
  readonly #suspicion: RangeSuspicion;
  /** Where the first document of the open chunk stands. */
  #firstPlace: string | undefined;
  /** Of the open chunk: tokens of what becomes dead letters, and why. */
  #setAside = new Map<string, string>();
  #flushAsked = false;
  #lastTurnMs = 0;

  constructor(
    context: StreamContext,
    lease: Lease,
    tail: JournalTail,
    place: RangePlace,
    suspicion: RangeSuspicion,
  ) {
    this.#suspicion = suspicion;
    this.#context = context;
    this.#lease = lease;
    this.#tail = tail;
    this.#place = place;
    this.#wake = new Wake(context.clock);
    this.#writer = new BatchWriter(context, lease, tail, this.#wake, () => {});
    this.#batcher = this.#newBatcher();
    this.#batchRoom = context.budget.reserve(0);
  }

  get lastTurnMs(): number {
    return this.#lastTurnMs;
  }

  openBatchBytes(): number {
    return this.#batcher.bytes;
  }

  flush(): void {
    this.#flushAsked = true;
    this.#wake.ring();
  }

  async run(stop: AbortSignal): Promise<"stopped" | "closed"> {
    const { budget, range } = this.#context;
    const { cancelled } = range!;
    const ends = cancelled === undefined ? stop : AbortSignal.any([stop, cancelled]);
    using _ring = this.#wake.ringAt([ends, this.#lease.signal]);
    budget.join(this);
    try {
      for (
        let target = this.#target();
        target !== undefined && !ends.aborted;
        target = this.#target()
      ) {
        await this.#read(target, ends);
      }
      await this.#turnUntil(() => this.#writer.isIdle);
      await this.#writer.drained();
      const { to } = this.#tail.last;
      const isComplete = this.#target() === undefined;
      const isDone = isComplete || cancelled?.aborted === true;
      const reason = isComplete ? "complete" : RANGE_CANCELLED;
      if (isDone) this.#writer.mark({ kind: "closed", to, reason });
      else this.#writer.mark({ kind: "heartbeat", to }, true);
      await this.#writer.drained();
      return isDone ? "closed" : "stopped";
    } finally {
      budget.leave(this);
      this.#batcher.drop();
      this.#batchRoom.release();
      await this.#writer.drained().catch(() => {}); // The failure itself is already on its way up.
      if (this.#writer.crashed !== undefined) this.#suspicion.crashed(this.#writer.crashed);
    }
  }

  #target(): Target | undefined {
    return this.#place.holes[0] ?? this.#place.next;
  }

  /** Reads a part at one time, into chunks, until it is done, the time is old, or the stop. */
  async #read(target: Target, stop: AbortSignal): Promise<void> {
    const { budget, clock } = this.#context;
    const open = (signal: AbortSignal) => this.#open(target, signal);
    const { signal } = this.#lease;
    const reader = new ReadAhead<DocumentReply>({ open, budget, wake: this.#wake, signal });
    const openedMs = clock.monotonicMs();
    const queue = this.#queue;
    this.#batcher = this.#newBatcher();
    let current = target;
    let last: DocumentReply | undefined;
    try {
      for (;;) {
        this.#lastTurnMs = clock.monotonicMs();
        this.#throwIfFailed();
        const isOver: boolean = queue.isEmpty && last !== undefined && last.state !== "more";
        const isOld = stop.aborted || this.#lastTurnMs - openedMs > TIME_MS_MAX;
        const isEmpty = this.#batcher.rows === 0;
        if (isOld && isEmpty && !isOver && !this.#hasScanned(current)) return;
        if (isOver || isOld || !isEmpty && (this.#flushAsked || this.#batcher.isFull())) {
          await this.#turnUntil(() => this.#writer.hasRoom);
          // A record without objects ends where the one before it does.
          if (isEmpty) await this.#turnUntil(() => this.#writer.isIdle);
          const to = isOver ? current.to : queue.nextId();
          this.#cut(current, to, last!);
          if (isOver || isOld) return;
          current = { ...current, from: to! };
        } else if (queue.isReady && !this.#batcher.isBehind) {
          if (isEmpty) this.#beginAt(`${target.piece} ${queue.nextId()!}`, last!);
          queue.giveTo(this.#batcher);
          this.#batchRoom.resize(this.#batcher.bytes);
        } else {
          const taken: HeldReply<DocumentReply> | undefined = queue.isReady
            ? undefined
            : reader.take();
          if (taken !== undefined) {
            last = taken.reply;
            if (this.#isTooEarly(last)) {
              taken.room.release();
              const ends = AbortSignal.any([stop, signal]);
              return await sleep(clock, BELOW_FLOOR_MS, ends).catch(() => {}); // Whoever goes on looks.
            }
            queue.put(taken);
          } else if (!queue.isReady && reader.failure !== undefined) throw reader.failure.error;
          else await this.#wake.wait(this.#context.options.turnMsMax);
        }
      }
    } finally {
      queue.drop();
      this.#batcher.drop();
      await reader.close();
    }
  }

  /** Whether stages have dropped all documents from there on to where the source has come. */
  #hasScanned({ from }: Target): boolean {
    const to = this.#queue.isEmpty ? this.#queue.nextId() : undefined;
    return to !== undefined && to !== from;
  }

  /** Notes where the open chunk begins; a document on which an encoder died is set aside. */
  #beginAt(place: string, { at }: DocumentReply): void {
    const { plan, index } = this.#context.range!;
    this.#firstPlace = place;
    if (!this.#suspicion.isAlone(place)) return;
    this.#setAside.set(rowToken(at, rowSuffix(plan.id, index), this.#place.row), ENCODER_DIED);
  }

  async #open({ piece, from, to }: Target, signal: AbortSignal): Promise<DocumentCursor> {
    const { documents, range } = this.#context;
    const { plan, index } = range!;
    return await documents!.open({
      piece: plan.ranges[index - 1]!.pieces[piece]!,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(plan.where === undefined ? {} : { where: plan.where }),
      ...{ suffix: rowSuffix(plan.id, index), row: this.#place.row },
      settings: this.#tail.facts.settings,
    }, signal);
  }

  /**
   * The majority point may lie before a time that was told, and on another member before one that was read at. Who has not come
   * so far may not know the collection yet.
   */
  #isTooEarly({ at }: DocumentReply): boolean {
    return compareClusterTimes(at, this.#place.atLeast) < 0;
  }

  /** Hands on what was read as a chunk up to `to`, and moves the place behind it. */
  #cut(target: Target, to: string | undefined, { at, state }: DocumentReply): void {
    this.#flushAsked = false;
    const isGone = state === "gone";
    const { piece, from, repeats } = target;
    const chunk: Chunk = {
      ...{ piece, at: isGone ? this.#place.atLeast : at, row: this.#place.row },
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(repeats === undefined ? {} : { repeats }),
      ...(isGone ? { superseded: true as const } : {}),
    };
    if (isGone) {
      const { database, collection } = this.#pieces[piece]!;
      this.#context.observe({ type: "piece-superseded", database, collection });
    }
    const batch = isGone ? undefined : this.#batcher.cut();
    if (batch === undefined) {
      // Of an empty piece nothing needs to be said; of a hole it must, and of what stages have dropped.
      if (isGone || repeats !== undefined || to !== target.to) {
        this.#writer.mark({
          kind: "batch",
          to: this.#tail.last.to,
          objects: [],
          deadLetters: [],
          chunk,
        });
      }
    } else {
      const firstPlace = this.#firstPlace!;
      this.#suspicion.passed(batch.rows);
      this.#writer.submit(
        { ...batch, chunk, firstPlace },
        this.#batchRoom,
        this.#context.clock.monotonicMs(),
      );
      this.#batchRoom = this.#context.budget.reserve(0);
      this.#batcher = this.#newBatcher();
    }
    this.#place = advanced(this.#place, target, to, chunk, batch?.rows ?? 0, this.#pieces.length);
  }

  get #pieces(): SnapshotPlan["ranges"][number]["pieces"] {
    const { plan, index } = this.#context.range!;
    return plan.ranges[index - 1]!.pieces;
  }

  #newBatcher(): Batcher {
    const { stream, encoder, options } = this.#context;
    const { settings } = this.#tail.facts;
    const ahead = encodeAhead(encoder, rowEncoding(settings), options, () => this.#wake.ring());
    const from = positionAfterTime(this.#place.atLeast);
    const rowsMax = Math.min(options.batch.rowsMax, this.#suspicion.rowsMax);
    const limits = { ...options.batch, rowsMax };
    this.#setAside = new Map();
    return new Batcher(stream, from, settings.keyRule.bucket, limits, this.#setAside, ahead);
  }

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
}

function advanced(
  place: RangePlace,
  target: Target,
  to: string | undefined,
  chunk: Chunk,
  rows: number,
  pieces: number,
): RangePlace {
  const rest = { row: place.row + rows, atLeast: chunk.at };
  const isDone = chunk.superseded === true || to === target.to;
  if (target.repeats !== undefined) {
    const [, ...others] = place.holes;
    return {
      ...rest,
      next: place.next,
      holes: isDone ? others : [{ ...target, from: to! }, ...others],
    };
  }
  const next = isDone ? { piece: target.piece + 1 } : { ...target, from: to! };
  return { ...rest, holes: place.holes, next: next.piece < pieces ? next : undefined };
}
