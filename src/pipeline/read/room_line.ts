import type { Reservation } from "./reservation.ts";

/** What those in a line wait for. */
export interface Room {
  /** Takes so many bytes, or nothing where they are not free. */
  tryTake(bytes: number): Reservation | undefined;
  /** The first in line has to wait for so many bytes. */
  lacks(bytes: number): void;
  /** Bytes are free and nobody waits for them. */
  spare?(): void;
}

interface Waiter {
  readonly bytes: number;
  readonly admit: (reservation: Reservation) => void;
}

/** Those who wait for bytes of a budget, in the order in which they came: a small one that fits does not overtake. */
export class RoomLine {
  readonly #room: Room;
  readonly #waiters: Waiter[] = [];

  constructor(room: Room) {
    this.#room = room;
  }

  /** Takes bytes, waiting until they are free. Rejects with the signal's reason when it is aborted. */
  take(bytes: number, signal: AbortSignal): Promise<Reservation> {
    const taken = this.takeAtOnce(bytes);
    if (taken !== undefined) return Promise.resolve(taken);
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal.reason);
        this.admit();
      };
      const waiter: Waiter = {
        bytes,
        admit: (reservation) => {
          signal.removeEventListener("abort", onAbort);
          resolve(reservation);
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
      this.#room.lacks(bytes);
    });
  }

  /** Takes bytes if they are free and nobody waits for some. */
  takeAtOnce(bytes: number): Reservation | undefined {
    return this.#waiters.length > 0 ? undefined : this.#room.tryTake(bytes);
  }

  /** Lets in who fits; to be called whenever bytes have become free. */
  admit(): void {
    for (let first = this.#waiters[0]; first !== undefined; first = this.#waiters[0]) {
      const taken = this.#room.tryTake(first.bytes);
      if (taken === undefined) return this.#room.lacks(first.bytes);
      this.#waiters.shift();
      first.admit(taken);
    }
    this.#room.spare?.();
  }
}
