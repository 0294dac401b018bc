import { positionOfEvent } from "../../bson/event/event_position.ts";
import { EventSpans, readEventSpans } from "../../bson/event/event_spans.ts";
import { TransientError } from "../../model/errors.ts";
import {
  asEnd,
  comparePositions,
  compareTokens,
  type Position,
  withoutInvalidate,
} from "../../model/position.ts";
import { streamName } from "../../model/stream.ts";
import type { EventCursor, OpenRequest, SourceReply } from "../../pipeline/ports.ts";
import type { Clock } from "../../support/clock.ts";
import { Wake } from "../../support/flow/notify.ts";
import type { SharedTimer } from "../../support/flow/shared_timer.ts";
import { endTogether } from "../mongo/idle_wait.ts";
import type { HeldRoom } from "./group_source.ts";
import { NamespaceIndex } from "./namespace_index.ts";
import { type Parcel, PARCEL_BYTES_MAX, ParcelBuilder, splitParcel } from "./parcel.ts";

/** What a member needs to know of the group that it is in. */
export interface MemberGroup {
  /** Everything up to here was divided among the members. */
  readonly mark: Position;
  /** A member has taken something, or waits for more. */
  taken(): void;
  /** It was closed, or has failed. */
  left(member: Member): void;
}

export interface MemberOptions {
  readonly clock: Clock;
  /** How long `next` waits for events at first, and at most where none come. */
  readonly awaitMs: number;
  readonly awaitMsMax: () => number;
  /** Of all members: calls `waited` of those that are due. */
  readonly timer: SharedTimer<Member>;
}

const NOTHING: Parcel = { bytes: new Uint8Array(0), starts: new Uint32Array(0) };

/**
 * A stream's part of a group, and the cursor that the stream reads: it does not see which change stream its events come
 * by, nor that this may be another one by and by.
 */
export class Member implements EventCursor {
  /** What it has ready is counted in the memory that all streams share. */
  readonly holdsRoom = true;
  readonly request: OpenRequest;
  readonly opened: Promise<void>;
  readonly #options: MemberOptions;
  readonly #held: HeldRoom;
  readonly #wake: Wake;
  #resolveOpened!: () => void;
  #rejectOpened!: (error: unknown) => void;
  #group: MemberGroup | undefined;
  /** Where it is about to be. */
  #joins: MemberGroup | undefined;
  /** Everything up to here was given to the stream. */
  #given: Position;
  /** Everything up to here was divided for it before its group's change stream was opened. */
  #floor: Position;
  /** Until an event behind the floor has come: the group's change stream began before it. */
  #isBehindFloor = false;
  #parcels: Parcel[] = [];
  #filling: ParcelBuilder | undefined;
  #heldBytes = 0;
  #takenMs = -Infinity;
  #isWaiting = false;
  #hasWaited = false;
  #waitsSinceMs = 0;
  #awaitMs: number;
  #failure: { readonly error: unknown } | undefined;

  constructor(request: OpenRequest, options: MemberOptions, held: HeldRoom) {
    this.request = request;
    this.#options = options;
    this.#held = held;
    this.#wake = new Wake(options.clock);
    this.#awaitMs = options.awaitMs;
    this.#given = request.from;
    this.#floor = request.from;
    this.opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve;
      this.#rejectOpened = reject;
    });
    this.opened.catch(() => {}); // Whoever opens it looks.
  }

  get name(): string {
    return streamName(this.request.stream);
  }

  /** Everything up to here was divided for it. */
  get mark(): Position {
    const mark = this.#group?.mark;
    return mark === undefined || comparePositions(mark, this.#floor) <= 0
      ? this.#floor
      : withoutInvalidate(mark);
  }

  /** Bytes of events that it has not taken. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** When it has last taken some. */
  get takenMs(): number {
    return this.#takenMs;
  }

  /** Whether the stream waits for events and there are none for it. */
  get isHungry(): boolean {
    return this.#isWaiting && this.#heldBytes === 0;
  }

  get hasEnded(): boolean {
    return this.#failure !== undefined;
  }

  /** It will enter the group, unless it is closed before. */
  join(group: MemberGroup): void {
    this.#joins = group;
  }

  /** From now on `group` divides for it, by a change stream that was opened after `from`. */
  enter(group: MemberGroup, from: Position): void {
    this.#floor = this.mark;
    this.#isBehindFloor = comparePositions(asEnd(this.#floor), asEnd(from)) > 0;
    this.#group = group;
    this.#resolveOpened();
  }

  /** Leaves its group with what is divided for it already. */
  leave(): void {
    this.#floor = this.mark;
    this.#group = undefined;
  }

  /** Forgets what it has not taken: its stream goes on from what was given to it. */
  forget(): void {
    this.#group = undefined;
    this.#floor = this.#given;
    this.#drop();
  }

  /** Copies an event for it, `bytes[start, spans.end)`, unless it has had it; whether it is one more. */
  add(bytes: Uint8Array, start: number, spans: EventSpans): boolean {
    if (this.#hasHad(bytes, spans)) return false;
    this.#filling ??= new ParcelBuilder();
    this.#filling.add(bytes, start, spans.end);
    this.#hold(spans.end - start);
    if (this.#filling.bytes >= PARCEL_BYTES_MAX) this.#closeParcel();
    return true;
  }

  /** Takes over events that are all its own, without those that it has had. */
  addParcel({ bytes, starts }: Parcel): void {
    const spans = new EventSpans();
    const first = starts.findIndex((start) => {
      if (this.#isBehindFloor) readEventSpans(bytes, start, spans);
      return !this.#hasHad(bytes, spans);
    });
    if (first < 0) return;
    this.#closeParcel();
    this.#parcels.push({ bytes, starts: starts.subarray(first) });
    this.#hold(bytes.byteLength);
  }

  /** Lets the stream have what there is. */
  ring(): void {
    this.#wake.ring();
  }

  /** The stream learns it with its next call, once it has what was divided for it. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.leave();
    this.#rejectOpened(error);
    this.#wake.ring();
  }

  async next(rowsMax: number): Promise<SourceReply> {
    const { clock } = this.#options;
    const startMs = clock.monotonicMs();
    await this.#events(startMs);
    const waitMs = clock.monotonicMs() - startMs;
    if (this.#heldBytes === 0 && this.#failure !== undefined) throw this.#failure.error;
    const { bytes, starts } = this.#take(rowsMax);
    this.#noteIdle(starts.length === 0);
    this.#given = this.#heldBytes === 0 ? this.mark : lastPosition(bytes, starts);
    const highWater = this.#given;
    return { bytes, starts, highWater, invalidated: false, waitMs, isSecondHand: true };
  }

  // deno-lint-ignore require-await -- There is nothing to wait for.
  async close(): Promise<void> {
    const group = this.#group ?? this.#joins;
    this.fail(new TransientError("Cannot read on: the change stream was closed"));
    this.#drop();
    this.#held.release();
    group?.left(this);
  }

  async #events(startMs: number): Promise<void> {
    const { timer } = this.#options;
    this.#isWaiting = true;
    this.#hasWaited = false;
    this.#waitFrom(startMs);
    if (this.#heldBytes === 0) this.#group?.taken();
    while (this.#isHearing) await this.#wake.wait(Infinity);
    timer.delete(this);
    this.#isWaiting = false;
  }

  #waitFrom(nowMs: number): void {
    this.#waitsSinceMs = nowMs;
    this.#options.timer.set(this, endTogether(this.#awaitMs, nowMs));
  }

  /** Whether `next` waits, and would go on to. */
  get #isHearing(): boolean {
    return this.#isWaiting && !this.#hasWaited && this.#heldBytes === 0 &&
      this.#failure === undefined;
  }

  /** It has waited as long as it was to. Thousands of streams for which there is nothing are told so without a reply. */
  waited(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const { mark } = this;
    if (this.#isHearing && this.request.nothing?.(mark, nowMs - this.#waitsSinceMs) === true) {
      this.#given = mark;
      this.#noteIdle(true);
      this.#waitFrom(nowMs);
    } else {
      this.#hasWaited = true;
      this.#wake.ring();
    }
  }

  #hasHad(bytes: Uint8Array, spans: EventSpans): boolean {
    if (!this.#isBehindFloor) return false;
    const token = decoder.decode(bytes.subarray(spans.tokenStart, spans.tokenEnd));
    this.#isBehindFloor = compareTokens(token, asEnd(this.#floor).data) <= 0;
    return this.#isBehindFloor;
  }

  #take(rowsMax: number): Parcel {
    if (this.#parcels.length === 0) this.#closeParcel();
    const first = this.#parcels.shift();
    if (first === undefined) return NOTHING;
    let parcel = first;
    if (first.starts.length > rowsMax) {
      const [taken, rest] = splitParcel(first, rowsMax);
      this.#parcels.unshift(rest);
      parcel = taken;
    }
    this.#hold(-parcel.bytes.byteLength);
    this.#takenMs = this.#options.clock.monotonicMs();
    this.#group?.taken();
    return parcel;
  }

  #closeParcel(): void {
    if (this.#filling !== undefined) this.#parcels.push(this.#filling.finish());
    this.#filling = undefined;
  }

  #drop(): void {
    this.#parcels = [];
    this.#filling = undefined;
    this.#hold(-this.#heldBytes);
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    if (bytes !== 0) this.#held.resize(this.#heldBytes);
  }

  /** Each wait in vain doubles the next one; what the stream knows is as old as that at most. */
  #noteIdle(isIdle: boolean): void {
    const { awaitMs, awaitMsMax } = this.#options;
    this.#awaitMs = isIdle ? Math.min(this.#awaitMs * 2, awaitMsMax()) : awaitMs;
  }
}

/** The one of some that has most that it has not taken. */
export function largestOf(members: Iterable<Member>): Member {
  return [...members].reduce((a, b) => b.heldBytes > a.heldBytes ? b : a);
}

/** By whose collections events are divided. */
export function indexOf(members: Iterable<Member>): NamespaceIndex<Member> {
  const index = new NamespaceIndex<Member>();
  for (const member of members) {
    const { stream } = member.request;
    if (stream.level === "collection") index.add(stream, member);
  }
  return index;
}

function lastPosition(bytes: Uint8Array, starts: Uint32Array): Position {
  return positionOfEvent(bytes, starts.at(-1)!, new EventSpans());
}

const decoder = new TextDecoder();
