import { EventSpans, readEventSpans } from "../../bson/event/event_spans.ts";
import { TransientError } from "../../model/errors.ts";
import { comparePositions, type Position } from "../../model/position.ts";
import type { SourceReply } from "../../pipeline/ports.ts";
import type { Clock, Timer } from "../../support/clock.ts";
import { Wake } from "../../support/flow/notify.ts";
import type { GroupReading } from "./group_reading.ts";
import type { Member, MemberGroup } from "./member.ts";
import { NamespaceIndex } from "./namespace_index.ts";

/** What a group needs of whoever keeps the groups. */
export interface GroupHost {
  readonly clock: Clock;
  /** Bytes that members may leave untaken before the group waits for them. */
  readonly bufferBytesMax: number;
  /**
   * Opens a change stream for these members, after `from`, or after the invalidate of a change stream of the same form.
   * Undefined where the user may not read it.
   */
  open(members: readonly Member[], from: GroupStart): Promise<GroupReading | undefined>;
  /** The user may not read one change stream for these, which are in the group no more. */
  denied(members: readonly Member[]): void;
  /** No change stream goes on with these, which are in the group no more. */
  failed(members: readonly Member[], error: unknown, when: FailedWhen): void;
  /** This one holds up the others, and is in the group no more. */
  detached(member: Member): void;
  /** The group has lost its change stream, and opens another one. */
  lost(error: TransientError, members: number): void;
  /** The group has come further; called about once a second at most. */
  advanced(group: Group): void;
  /** It has no members any more. */
  ended(group: Group): void;
}

/** While a change stream was opened for all of a group, or for those who would have come to others, or was read. */
export type FailedWhen = "opening" | "joining" | "reading";

export interface GroupStart {
  readonly from: Position;
  /** Of the change stream that ended with an invalidate at `from`. */
  readonly afterInvalidateOf?: string;
}

/** Joins and leaves are gathered for so long. */
const GATHER_MS = 150;

/** Names are fixed when a change stream is opened, so each join opens another one: not more often than this. */
const REOPEN_MS_MIN = 1_000;

/** Names of members that have left cost little. */
const FORGET_NAMES_MS = 5_000;

/** While more is to come, members are given what is theirs by so many bytes, or after a while. */
const RING_BYTES = 64 * 1024;
const RING_MS = 50;

/** A member that takes nothing for so long while others wait for it leaves. */
const STALL_MS_MAX = 1_000;

/** How often others are told how far the group has come. */
const TELL_MS_MIN = 1_000;

/** A change stream that is lost again sooner is not opened anew by the group: its members begin anew, each with its backoff. */
const LOST_MS_MIN = 1_000;

/** The form of a change stream of one collection: all that comes is its only member's. */
export const LONE = "collection";

/**
 * Streams that are read by one change stream. It is opened anew, at the lowest position of all, when streams come, and
 * each of them is given what is its own and behind its own position.
 *
 * The one that was open goes on until the next one is, so those who are in do not wait for those who come.
 */
export class Group implements MemberGroup {
  readonly members = new Set<Member>();
  readonly #host: GroupHost;
  readonly #joining = new Set<Member>();
  readonly #wake: Wake;
  readonly #spans = new EventSpans();
  /** Members that have events and were not told yet. */
  readonly #unrung = new Set<Member>();
  #index = new NamespaceIndex<Member>();
  #reading: GroupReading | undefined;
  #mark: Position | undefined;
  /** The form of the change stream that has ended with an invalidate at the mark. */
  #invalidated: string | undefined;
  #isOpening = false;
  #isOver = false;
  #timer: Timer | undefined;
  /** When the timer is due. */
  #reopensMs = 0;
  #ringTimer: Timer | undefined;
  #openedMs = -Infinity;
  #lostMs = -Infinity;
  #rungMs = 0;
  #toldMs = 0;

  /** Has read a reply since its change stream was opened. */
  hasRead = false;

  constructor(host: GroupHost) {
    this.#host = host;
    this.#wake = new Wake(host.clock);
    void this.#run();
  }

  get mark(): Position {
    return this.#mark!;
  }

  /** All who are in it or about to be. */
  get everybody(): Member[] {
    return [...this.members, ...this.#joining];
  }

  /** What it reads: `collection`, `database shop`, `deployment`; undefined while nothing is open. */
  get form(): string | undefined {
    return this.#reading?.form;
  }

  join(members: readonly Member[]): void {
    for (const member of members) this.#joining.add(member);
    this.#reopenSoon(GATHER_MS);
  }

  /** Gives up all members, with what is divided for them. */
  release(): Member[] {
    const released = this.everybody;
    for (const member of this.members) member.leave();
    this.#end();
    return released;
  }

  taken(): void {
    this.#wake.ring();
  }

  left(member: Member): void {
    this.#remove(member);
    if (this.everybody.length === 0) this.#end();
    else this.#reopenSoon(FORGET_NAMES_MS);
  }

  #remove(member: Member): void {
    this.members.delete(member);
    this.#joining.delete(member);
    this.#unrung.delete(member);
    this.#index = indexOf(this.members);
    this.#wake.ring();
  }

  #reopenSoon(delayMs: number): void {
    if (this.#isOver || this.#isOpening) return;
    const { clock } = this.#host;
    const nowMs = clock.monotonicMs();
    const waitMs = Math.max(delayMs, REOPEN_MS_MIN - (nowMs - this.#openedMs));
    if (this.#timer !== undefined && this.#reopensMs <= nowMs + waitMs) return;
    this.#timer?.cancel();
    this.#reopensMs = nowMs + waitMs;
    this.#timer = clock.after(waitMs, () => {
      this.#timer = undefined;
      void this.#reopen();
    });
  }

  async #reopen(): Promise<void> {
    if (this.#isOver || this.#isOpening) return;
    for (const member of this.#joining) if (member.hasEnded) this.#joining.delete(member);
    const joining = [...this.#joining];
    this.#isOpening = true;
    try {
      const wanted = [...this.members, ...joining];
      if (wanted.length === 0) return this.#end();
      const start = this.#startOf(wanted);
      const reading = await this.#host.open(wanted, start);
      if (this.#isOver) await reading?.close();
      else if (reading === undefined) this.#host.denied(this.release());
      else this.#swap(reading, joining, start.from);
    } catch (error) {
      this.#failToOpen(joining, error);
    } finally {
      this.#isOpening = false;
      if (this.#joining.size > 0) this.#reopenSoon(GATHER_MS);
    }
  }

  #startOf(wanted: readonly Member[]): GroupStart {
    const marks = wanted.map((member) => member.mark);
    const lowest = marks.reduce((a, b) => comparePositions(b, a) < 0 ? b : a);
    const [mark, form] = [this.#mark, this.#invalidated];
    const isHere = mark !== undefined && comparePositions(lowest, mark) >= 0;
    return isHere && form !== undefined
      ? { from: mark, afterInvalidateOf: form }
      : { from: lowest };
  }

  /** From now on another change stream is read; what it gives again, members leave out. */
  #swap(reading: GroupReading, joining: readonly Member[], from: Position): void {
    const before = this.#reading;
    const coming = joining.filter((member) => this.#joining.delete(member) && !member.hasEnded);
    for (const member of [...this.members, ...coming]) member.enter(this, from);
    for (const member of coming) this.members.add(member);
    this.#mark = from;
    this.#reading = reading;
    this.#index = indexOf(this.members);
    this.#openedMs = this.#host.clock.monotonicMs();
    this.#invalidated = undefined;
    this.hasRead = false;
    this.#wake.ring();
    void before?.close();
    if (this.everybody.length === 0) this.#end();
  }

  /** Those who are in go on by the change stream that they have. */
  #failToOpen(joining: readonly Member[], error: unknown): void {
    if (this.#isOver) return;
    const failed = this.#reading === undefined ? [...this.members, ...joining] : joining;
    for (const member of failed) {
      member.leave();
      this.#remove(member);
    }
    if (this.everybody.length === 0) this.#end();
    const when = this.members.size > 0 ? "joining" : "opening";
    this.#host.failed(failed.filter((member) => !member.hasEnded), error, when);
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const reading = this.#reading;
      if (reading === undefined || !await this.#hasRoom(reading)) {
        await this.#wake.wait(STALL_MS_MAX);
        continue;
      }
      try {
        const { reply, held, isFull } = await reading.next();
        using _ = { [Symbol.dispose]: () => held.release() };
        if (reading === this.#reading) this.#divide(reading, reply, isFull);
      } catch (error) {
        if (reading === this.#reading) await this.#lost(reading, error);
      }
    }
  }

  /** Whether more may be read. Where members leave too much untaken, the one that holds up others has to go. */
  async #hasRoom(reading: GroupReading): Promise<boolean> {
    const heldMax = this.members.size > 1 ? this.#host.bufferBytesMax : 0;
    const { clock } = this.#host;
    let stalledMs = clock.monotonicMs();
    while (reading === this.#reading && !this.#isOver) {
      let held = 0;
      for (const member of this.members) held += member.heldBytes;
      if (held <= heldMax) return true;
      this.#ringAll();
      const holder = largestOf(this.members);
      const before = holder.heldBytes;
      await this.#wake.wait(STALL_MS_MAX);
      if (holder.heldBytes !== before || !this.#isHeldUpBy(holder)) {
        stalledMs = clock.monotonicMs();
      } else if (clock.monotonicMs() - stalledMs >= STALL_MS_MAX) {
        this.#detach(holder);
      }
    }
    return false;
  }

  /**
   * Whether somebody waits for events who has taken some since. Where nobody has, something that all of them need is busy or
   * away, and everybody waits for that.
   */
  #isHeldUpBy(holder: Member): boolean {
    if (!this.members.has(holder)) return false;
    return [...this.members].some((each) => each.isHungry && each.takenMs > holder.takenMs);
  }

  #detach(member: Member): void {
    this.#remove(member);
    member.forget();
    this.#reopenSoon(FORGET_NAMES_MS);
    this.#host.detached(member);
  }

  #divide(reading: GroupReading, reply: SourceReply, isFull: boolean): void {
    const { bytes, starts } = reply;
    const [only] = this.members;
    if (reading.form === LONE) {
      only?.addParcel({ bytes, starts });
      if (only !== undefined) this.#unrung.add(only);
    } else {
      this.#giveAll(bytes, starts);
    }
    this.#mark = reply.highWater;
    this.hasRead = true;
    this.#ringSome(isFull);
    if (reply.invalidated) this.#goOnAfterInvalidate(reading);
    this.#tell();
  }

  #giveAll(bytes: Uint8Array, starts: Uint32Array): void {
    try {
      for (const start of starts) this.#give(bytes, start);
    } catch (error) {
      // Some have events that lie behind the mark, and are to get them again.
      for (const member of this.members) member.forget();
      throw error;
    }
  }

  #give(bytes: Uint8Array, start: number): void {
    const spans = this.#spans;
    readEventSpans(bytes, start, spans);
    const members = this.#index.ofEvent(bytes, spans);
    for (const member of members) {
      if (member.add(bytes, start, spans)) this.#unrung.add(member);
    }
    if (spans.toStart < 0) return;
    for (const member of this.#index.ofTarget(bytes, spans)) {
      const isGiven = members.includes(member);
      if (!isGiven && member.add(bytes, start, spans)) this.#unrung.add(member);
    }
  }

  /** Two hundred loops that each turn for an event or two would cost more than the events. */
  #ringSome(isFull: boolean): void {
    const nowMs = this.#host.clock.monotonicMs();
    if (!isFull || nowMs - this.#rungMs >= RING_MS) return this.#ringAll();
    this.#ringTimer ??= this.#host.clock.after(RING_MS, () => this.#ringAll());
    for (const member of this.#unrung) {
      if (member.heldBytes < RING_BYTES) continue;
      member.ring();
      this.#unrung.delete(member);
    }
  }

  #ringAll(): void {
    this.#rungMs = this.#host.clock.monotonicMs();
    this.#ringTimer?.cancel();
    this.#ringTimer = undefined;
    for (const member of this.#unrung) member.ring();
    this.#unrung.clear();
  }

  /** The database was dropped: its change stream has ended, that of its members has not. */
  #goOnAfterInvalidate(reading: GroupReading): void {
    this.#invalidated = reading.form;
    this.#reading = undefined;
    void reading.close();
    this.#timer?.cancel();
    this.#timer = undefined;
    void this.#reopen();
  }

  #tell(): void {
    const nowMs = this.#host.clock.monotonicMs();
    if (nowMs - this.#toldMs < TELL_MS_MIN) return;
    this.#toldMs = nowMs;
    this.#host.advanced(this);
  }

  async #lost(reading: GroupReading, error: unknown): Promise<void> {
    this.#ringAll();
    const nowMs = this.#host.clock.monotonicMs();
    const isTooSoon = nowMs - this.#lostMs < LOST_MS_MIN;
    this.#reading = undefined;
    await reading.close();
    const isPassing = error instanceof TransientError && !isTooSoon;
    if (isPassing && this.members.size > 1) {
      this.#lostMs = nowMs;
      this.#host.lost(error, this.members.size);
      return await this.#reopen();
    }
    const failed = [...this.members];
    for (const member of failed) {
      member.leave();
      this.#remove(member);
    }
    if (this.everybody.length === 0) this.#end();
    this.#host.failed(failed, error, "reading");
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#ringTimer?.cancel();
    const reading = this.#reading;
    this.#reading = undefined;
    this.members.clear();
    this.#joining.clear();
    this.#unrung.clear();
    this.#wake.ring();
    void reading?.close();
    this.#host.ended(this);
  }
}

function largestOf(members: Iterable<Member>): Member {
  return [...members].reduce((a, b) => b.heldBytes > a.heldBytes ? b : a);
}

function indexOf(members: Iterable<Member>): NamespaceIndex<Member> {
  const index = new NamespaceIndex<Member>();
  for (const member of members) {
    const { stream } = member.request;
    if (stream.level === "collection") index.add(stream, member);
  }
  return index;
}
