import type { Clock, Timer } from "../../support/clock.ts";
import type { Member } from "./member.ts";

/** While more is to come, members are told of so many bytes at once, or after a while. */
const BYTES_MIN = 64 * 1024;
const WAIT_MS_MAX = 100;

/**
 * Tells members that there are events for them. Two hundred loops that each turn for an event or two would cost more than
 * the events, so while replies come full, what is little waits for more.
 */
export class Ringer {
  readonly #clock: Clock;
  readonly #unrung = new Set<Member>();
  #rungMs = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** There is something for it. */
  note(member: Member): void {
    this.#unrung.add(member);
  }

  forget(member: Member): void {
    this.#unrung.delete(member);
  }

  /** Tells those who have much, and after a while everybody. */
  ringSome(): void {
    if (this.#clock.monotonicMs() - this.#rungMs >= WAIT_MS_MAX) return this.ringAll();
    this.#timer ??= this.#clock.after(WAIT_MS_MAX, () => this.ringAll());
    for (const member of this.#unrung) {
      if (member.heldBytes < BYTES_MIN) continue;
      member.ring();
      this.#unrung.delete(member);
    }
  }

  ringAll(): void {
    this.#rungMs = this.#clock.monotonicMs();
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const member of this.#unrung) member.ring();
    this.#unrung.clear();
  }
}
