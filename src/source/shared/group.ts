import { EventSpans, readEventSpans } from "../../bson/event/event_spans.ts";
import { TransientError } from "../../model/errors.ts";
import { comparePositions, type Position } from "../../model/position.ts";
import type { SourceReply } from "../../pipeline/ports.ts";
import type { Clock, Timer } from "../../support/clock.ts";
import { Wake } from "../../support/flow/notify.ts";
import { GATHER_MS, Gathering } from "./gathering.ts";
import type { GroupReading } from "./group_reading.ts";
import { indexOf, largestOf, type Member, type MemberGroup } from "./member.ts";
import type { NamespaceIndex } from "./namespace_index.ts";
import { Ringer } from "./ringer.ts";
import { WantedShare } from "./wanted_share.ts";

/** What a group needs of whoever keeps the groups. */
export interface GroupHost {
  readonly clock: Clock;
  /** Bytes that members may leave untaken before the group waits for them: its part of what all groups may hold. */
  bufferBytesMax(): number;
  /** Fails those of these members whose streams cannot be read by a change stream that others share. */
  admit(members: readonly Member[]): Promise<void>;
  /**
   * Opens a change stream for these members, after `from`, or after the invalidate of a change stream of the same form.
   * Undefined where the user may not read it.
   */
  open(members: readonly Member[], start: GroupStart): Promise<GroupReading | undefined>;
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
  /** Whether the server is to leave out the events of other collections. */
  readonly isFiltered: boolean;
}

/** Names are fixed when a change stream is opened, so each join opens another one: not more often than this. */
const REOPEN_MS_MIN = 1_000;

/** Names of members that have left cost little. */
const FORGET_NAMES_MS = 5_000;

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
  readonly #gathering: Gathering;
  readonly #ringer: Ringer;
  readonly #share: WantedShare;
  /** Of the members; made when the next event comes. */
  #index: NamespaceIndex<Member> | undefined;
  #reading: GroupReading | undefined;
  #mark: Position | undefined;
  /** The form of the change stream that has ended with an invalidate at the mark. */
  #invalidated: string | undefined;
  #isOpening = false;
  #isOver = false;
  #timer: Timer | undefined;
  #dueMs = 0;
  #openedMs = -Infinity;
  #lostMs = -Infinity;
  #toldMs = 0;

  /** Has read a reply since its change stream was opened. */
  hasRead = false;

  constructor(host: GroupHost, isFiltered = false) {
    this.#host = host;
    this.#wake = new Wake(host.clock);
    this.#share = new WantedShare(host.clock, isFiltered);
    this.#gathering = new Gathering(host.clock);
    this.#ringer = new Ringer(host.clock);
    void this.#run();
  }

  get mark(): Position {
    return this.#mark!;
  }

  /** All who are in it or about to be. */
  *everybody(): Generator<Member> {
    yield* this.members;
    yield* this.#joining;
  }

  /** How many they are. */
  get size(): number {
    return this.members.size + this.#joining.size;
  }

  /** What it reads: `collection`, `database shop`, `deployment`; undefined while nothing is open. */
  get form(): string | undefined {
    return this.#reading?.form;
  }

  join(members: readonly Member[]): void {
    for (const member of members) {
      this.#joining.add(member);
      member.join(this);
    }
    this.#gathering.note(members.length);
    this.#reopenSoon(GATHER_MS);
  }

  /** Gives up all members, with what is divided for them. */
  release(): Member[] {
    const released = [...this.everybody()];
    for (const member of this.members) member.leave();
    this.#end();
    return released;
  }

  taken(): void {
    this.#wake.ring();
  }

  left(member: Member): void {
    this.#remove(member);
    if (this.size === 0) this.#end();
    else this.#reopenSoon(FORGET_NAMES_MS);
  }

  #remove(member: Member): void {
    this.members.delete(member);
    this.#joining.delete(member);
    this.#ringer.forget(member);
    this.#index = undefined;
    this.#wake.ring();
  }

  #reopenSoon(delayMs: number): void {
    if (this.#isOver || this.#isOpening) return;
    const { clock } = this.#host;
    const nowMs = clock.monotonicMs();
    const dueMs = Math.max(nowMs + delayMs, this.#openedMs + REOPEN_MS_MIN);
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return;
    this.#timer?.cancel();
    this.#dueMs = dueMs;
    this.#timer = clock.after(dueMs - nowMs, () => {
      this.#timer = undefined;
      if (this.#gathering.isUnderWay) this.#reopenSoon(GATHER_MS);
      else void this.#reopen();
    });
  }

  async #reopen(): Promise<void> {
    if (this.#isOver || this.#isOpening) return;
    this.#isOpening = true;
    this.#gathering.end();
    let joining = [...this.#joining];
    try {
      const isAlone = this.members.size + joining.length === 1;
      if (joining.length > 0 && !isAlone) await this.#host.admit(joining); // Of one its own tells.
      for (const member of this.#joining) if (member.hasEnded) this.#joining.delete(member);
      joining = joining.filter((member) => !member.hasEnded);
      const wanted = [...this.members, ...joining];
      if (wanted.length === 0) return this.size === 0 ? this.#end() : undefined;
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
    const { isFiltered } = this.#share;
    return isHere && form !== undefined
      ? { from: mark, afterInvalidateOf: form, isFiltered }
      : { from: lowest, isFiltered };
  }

  /** From now on another change stream is read; what it gives again, members leave out. */
  #swap(reading: GroupReading, joining: readonly Member[], from: Position): void {
    const before = this.#reading;
    const coming = joining.filter((member) => this.#joining.delete(member) && !member.hasEnded);
    for (const member of [...this.members, ...coming]) member.enter(this, from);
    for (const member of coming) this.members.add(member);
    this.#mark = from;
    this.#reading = reading;
    this.#index = undefined;
    this.#openedMs = this.#host.clock.monotonicMs();
    this.#invalidated = undefined;
    this.hasRead = false;
    this.#wake.ring();
    void before?.close();
    if (this.size === 0) this.#end();
  }

  /** Those who are in go on by the change stream that they have. */
  #failToOpen(joining: readonly Member[], error: unknown): void {
    if (this.#isOver) return;
    const failed = this.#reading === undefined ? [...this.members, ...joining] : joining;
    for (const member of failed) {
      member.leave();
      this.#remove(member);
    }
    if (this.size === 0) this.#end();
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
    const heldMax = this.members.size > 1 ? this.#host.bufferBytesMax() : 0;
    const { clock } = this.#host;
    let stalledMs = clock.monotonicMs();
    while (reading === this.#reading && !this.#isOver) {
      let held = 0;
      for (const member of this.members) held += member.heldBytes;
      if (held <= heldMax) return true;
      this.#ringer.ringAll();
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

  /** Whether somebody waits for events who has taken some since. If nobody has, all wait for something that they all need. */
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
      if (only !== undefined) this.#ringer.note(only);
    } else {
      const wanted = this.#giveAll(bytes, starts);
      if (this.#share.note(starts.length, wanted)) this.#reopenSoon(0);
    }
    this.#mark = reply.highWater;
    this.hasRead = true;
    if (isFull) this.#ringer.ringSome();
    else this.#ringer.ringAll();
    if (reply.invalidated) this.#goOnAfterInvalidate(reading);
    this.#tell();
  }

  /** How many events are somebody's. */
  #giveAll(bytes: Uint8Array, starts: Uint32Array): number {
    let wanted = 0;
    try {
      for (const start of starts) if (this.#give(bytes, start)) wanted++;
    } catch (error) {
      // Some have events that lie behind the mark, and are to get them again.
      for (const member of this.members) member.forget();
      throw error;
    }
    return wanted;
  }

  /** Whether an event is a member's. */
  #give(bytes: Uint8Array, start: number): boolean {
    const spans = this.#spans;
    readEventSpans(bytes, start, spans);
    const index = this.#index ??= indexOf(this.members);
    const members = index.ofEvent(bytes, spans);
    for (const member of members) {
      if (member.add(bytes, start, spans)) this.#ringer.note(member);
    }
    if (spans.toStart < 0) return members.length > 0;
    const targets = index.ofTarget(bytes, spans);
    for (const member of targets) {
      const isGiven = members.includes(member);
      if (!isGiven && member.add(bytes, start, spans)) this.#ringer.note(member);
    }
    return members.length + targets.length > 0;
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
    this.#ringer.ringAll();
    const nowMs = this.#host.clock.monotonicMs();
    const isTooSoon = nowMs - this.#lostMs < LOST_MS_MIN;
    this.#reading = undefined;
    await reading.close();
    const isPassing = error instanceof TransientError && !isTooSoon;
    // What cannot be read may be an event that nobody here wants.
    const isElsewhere = !(error instanceof TransientError) && this.#share.blame();
    if ((isPassing || isElsewhere) && this.members.size > 1) {
      if (isPassing) this.#host.lost(error, this.members.size);
      this.#lostMs = nowMs;
      return await this.#reopen();
    }
    const failed = [...this.members];
    for (const member of failed) {
      member.leave();
      this.#remove(member);
    }
    if (this.size === 0) this.#end();
    this.#host.failed(failed, error, "reading");
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    const reading = this.#reading;
    this.#reading = undefined;
    this.members.clear();
    this.#joining.clear();
    this.#ringer.ringAll();
    this.#wake.ring();
    void reading?.close();
    this.#host.ended(this);
  }
}
