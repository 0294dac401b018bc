/** One run of one range of a snapshot under one lease: what was emptied first, then piece after piece. */
import { idBound } from "../../bson/event/id_bound.ts";
import { EventSpans, readEventSpans } from "../../bson/event/event_spans.ts";
import { type ClusterTime, compareClusterTimes } from "../../model/cluster_time.ts";
import { PermanentError } from "../../model/errors.ts";
import { positionAfterTime } from "../../model/position.ts";
import type { Chunk } from "../../model/record.ts";
import { rowEncoding } from "../../model/settings.ts";
import { rangeName, rowSuffix } from "../../model/snapshot.ts";
import { sleep } from "../../support/clock.ts";
import { Wake } from "../../support/flow/notify.ts";
import { Batcher } from "../batch/batcher.ts";
import { BatchWriter } from "../batch/batch_writer.ts";
import { encodeAhead } from "../batch/encode_ahead.ts";
import type { DocumentReply } from "../documents.ts";
import { type HeldReply, ReadAhead } from "../read/read_ahead.ts";
import type { BudgetMember } from "../read/memory_budget.ts";
import type { Reservation } from "../read/reservation.ts";
import type { JournalTail } from "../record/journal_tail.ts";
import type { Lease } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";
import { openRange, placeOf, type RangePlace, type Target } from "./range_journal.ts";

/** A server forgets a time after five minutes, where nobody has set it otherwise. */
const TIME_MS_MAX = 60_000;

/** The majority point comes to the floor within milliseconds, on an idle server within ten seconds. */
const BELOW_FLOOR_MS = 100;

/** Documents of a reply that are being taken in. */
interface Hand {
  readonly reply: DocumentReply;
  next: number;
  /** Of the whole reply, with its last documents. */
  readonly room?: Reservation;
}

/**
 * Runs a range of a snapshot under a lease until `stop` or until all of it is in the lake. As `runStream`; `opened` is given
 * the run once its journal is taken over.
 */
export async function runRange(
  context: StreamContext,
  lease: Lease,
  stop: AbortSignal,
  opened: (run: RangeRun) => void = () => {},
): Promise<"stopped" | "closed"> {
  if (context.settings.stages.length > 0) {
    throw new PermanentError(
      `Cannot go on with ${
        rangeName(context.key)
      }: snapshots take no stages of a pipeline yet; take ` +
        "the stages away until it is complete",
      { mend: "configuration" },
    );
  }
  context.observe({ type: "stream-started", generation: lease.generation });
  const tail = await openRange(context, lease);
  if (tail.last.kind === "closed") return "closed";
  const place = await placeOf(context.journal, context.key, tail.last, context.range!);
  const run = new RangeRun(context, lease, tail, place);
  opened(run);
  return await run.run(stop);
}

export class RangeRun implements BudgetMember {
  readonly #context: StreamContext;
  readonly #lease: Lease;
  readonly #tail: JournalTail;
  readonly #wake: Wake;
  readonly #writer: BatchWriter;
  readonly #spans = new EventSpans();
  #place: RangePlace;
  #batcher: Batcher;
  #batchRoom: Reservation;
  /** What comes next, in order. */
  #hands: Hand[] = [];
  /** The last document of the last reply: as long as there are more, a chunk can end before it. */
  #held: Hand | undefined;
  #flushAsked = false;
  #lastTurnMs = 0;

  constructor(context: StreamContext, lease: Lease, tail: JournalTail, place: RangePlace) {
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
    const { budget } = this.#context;
    const ring = () => this.#wake.ring();
    stop.addEventListener("abort", ring);
    this.#lease.signal.addEventListener("abort", ring);
    budget.join(this);
    try {
      for (
        let target = this.#target();
        target !== undefined && !stop.aborted;
        target = this.#target()
      ) {
        await this.#read(target, stop);
      }
      await this.#turnUntil(() => this.#writer.isIdle);
      await this.#writer.drained();
      const { to } = this.#tail.last;
      const isDone = this.#target() === undefined;
      if (isDone) this.#writer.mark({ kind: "closed", to, reason: "complete" });
      else this.#writer.mark({ kind: "heartbeat", to }, true);
      await this.#writer.drained();
      return isDone ? "closed" : "stopped";
    } finally {
      stop.removeEventListener("abort", ring);
      this.#lease.signal.removeEventListener("abort", ring);
      budget.leave(this);
      this.#batcher.drop();
      this.#batchRoom.release();
      await this.#writer.drained().catch(() => {}); // The failure itself is already on its way up.
    }
  }

  #target(): Target | undefined {
    return this.#place.holes[0] ?? this.#place.next;
  }

  /** Reads a part at one time, into chunks, until it is done, the time is old, or the stop. */
  async #read(target: Target, stop: AbortSignal): Promise<void> {
    const { documents, range, budget, clock } = this.#context;
    const { plan, index } = range!;
    const request = {
      ...{
        piece: plan.ranges[index - 1]!.pieces[target.piece]!,
        suffix: rowSuffix(plan.id, index),
        row: this.#place.row,
      },
      ...(target.from === undefined ? {} : { from: target.from }),
      ...(target.to === undefined ? {} : { to: target.to }),
      settings: this.#tail.facts.settings,
    };
    const open = (signal: AbortSignal) => documents!.open(request, signal);
    const reader = new ReadAhead<DocumentReply>({
      open,
      budget,
      wake: this.#wake,
      signal: this.#lease.signal,
    });
    const openedMs = clock.monotonicMs();
    this.#batcher = this.#newBatcher();
    let current = target;
    let state: DocumentReply["state"] = "more";
    let at: ClusterTime | undefined;
    try {
      for (;;) {
        this.#lastTurnMs = clock.monotonicMs();
        this.#throwIfFailed();
        const next = this.#hands[0] ?? this.#held;
        const isOver: boolean = next === undefined && state !== "more";
        const isOld = stop.aborted || this.#lastTurnMs - openedMs > TIME_MS_MAX;
        const isEmpty = this.#batcher.rows === 0;
        if (isOld && isEmpty && !isOver) return;
        if (isOver || !isEmpty && (isOld || this.#flushAsked || this.#batcher.isFull())) {
          await this.#turnUntil(() => this.#writer.hasRoom);
          // A record without objects ends where the one before it does.
          if (isEmpty) await this.#turnUntil(() => this.#writer.isIdle);
          const to = next === undefined ? current.to : this.#idOf(next);
          this.#cut(current, to, at!, state === "gone");
          if (isOver || isOld) return;
          current = { ...current, from: to! };
          continue;
        }
        const [hand] = this.#hands;
        if (hand !== undefined && !this.#batcher.isBehind) {
          if (this.#batcher.add(hand)) {
            hand.room?.release();
            this.#hands.shift();
          }
          this.#batchRoom.resize(this.#batcher.bytes);
          continue;
        }
        const taken: HeldReply<DocumentReply> | undefined = hand === undefined && !isOver
          ? reader.take()
          : undefined;
        if (taken !== undefined) {
          ({ state, at } = taken.reply);
          if (state !== "gone" && compareClusterTimes(taken.reply.at, this.#place.atLeast) < 0) {
            taken.room.release();
            const ends = AbortSignal.any([stop, this.#lease.signal]);
            await sleep(clock, BELOW_FLOOR_MS, ends).catch(() => {}); // Whoever goes on looks.
            return;
          }
          this.#take(taken);
          continue;
        }
        if (hand === undefined && reader.failure !== undefined) throw reader.failure.error;
        await this.#wake.wait(this.#context.options.turnMsMax);
      }
    } finally {
      for (const { room } of this.#hands) room?.release();
      this.#held?.room?.release();
      this.#hands = [];
      this.#held = undefined;
      this.#batcher.drop();
      await reader.close();
    }
  }

  /** Puts in line what a reply has; its last document waits until it is known whether it is the last of all. */
  #take({ reply, room }: HeldReply<DocumentReply>): void {
    const { starts, state } = reply;
    if (starts.length === 0 && state === "more") return room.release();
    if (this.#held !== undefined) this.#hands.push(this.#held);
    this.#held = undefined;
    if (starts.length === 0) return room.release();
    if (state !== "more") {
      this.#hands.push({ reply, next: 0, room });
      return;
    }
    const before = starts.length - 1;
    const part = (from: number, to: number) => ({ ...reply, starts: starts.subarray(from, to) });
    if (before > 0) this.#hands.push({ reply: part(0, before), next: 0 });
    this.#held = { reply: part(before, starts.length), next: 0, room };
  }

  #idOf({ reply: { bytes, starts }, next }: Hand): string {
    readEventSpans(bytes, starts[next]!, this.#spans);
    return idBound(bytes, this.#spans.documentKeyStart);
  }

  /** Hands on what was read as a chunk up to `to`, and moves the place behind it. */
  #cut(target: Target, to: string | undefined, at: ClusterTime, isGone: boolean): void {
    this.#flushAsked = false;
    const { piece, from, repeats } = target;
    const chunk: Chunk = {
      ...{ piece, at: isGone ? this.#place.atLeast : at, row: this.#place.row },
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(repeats === undefined ? {} : { repeats }),
      ...(isGone ? { superseded: true as const } : {}),
    };
    const batch = isGone ? undefined : this.#batcher.cut();
    if (batch === undefined) {
      // Of an empty piece nothing needs to be said; of a hole it must.
      if (isGone || repeats !== undefined) {
        this.#writer.mark({
          kind: "batch",
          to: this.#tail.last.to,
          objects: [],
          deadLetters: [],
          chunk,
        });
      }
    } else {
      this.#writer.submit({ ...batch, chunk }, this.#batchRoom, this.#context.clock.monotonicMs());
      this.#batchRoom = this.#context.budget.reserve(0);
      this.#batcher = this.#newBatcher();
    }
    this.#place = advanced(this.#place, target, to, chunk, batch?.rows ?? 0, this.#pieces);
  }

  get #pieces(): number {
    const { plan, index } = this.#context.range!;
    return plan.ranges[index - 1]!.pieces.length;
  }

  #newBatcher(): Batcher {
    const { stream, encoder, options } = this.#context;
    const { settings } = this.#tail.facts;
    const ahead = encodeAhead(encoder, rowEncoding(settings), options, () => this.#wake.ring());
    const from = positionAfterTime(this.#place.atLeast);
    return new Batcher(stream, from, settings.keyRule.bucket, options.batch, new Map(), ahead);
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
