import { TransientError } from "../../model/errors.ts";
import { type Clock, sleep } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import {
  copyDivision,
  type Division,
  emptyDivision,
  formatDivision,
  parseDivision,
} from "./division.ts";
import type { SharedObjects } from "./shared_objects.ts";

export interface DivisionReading {
  readonly division: Division;
  /** When the request began that showed it. */
  readonly startMs: number;
  /** Undefined where there is none yet. */
  readonly etag: string | undefined;
}

/** What an edit answers; it may run several times, each time on what is there then. */
export type Edit<T> = (division: Division) => T;

interface Waiting {
  readonly callMs: number;
  readonly run: (division: Division) => () => void;
  readonly fail: (error: unknown) => void;
}

export const DIVISION_KEY = "division";

/** What is wanted within so long goes together. */
const GATHER_MS = 5;

const TRIES_MAX = 10;
const FAULTS_MAX = 2;

/** Others change it at the same time: waits so long at most, times the number of tries. */
const WAIT_MS_MAX = 40;

/**
 * The division as this process reads and changes it, one request at a time: so what a reading shows is never older than
 * one's own changes. Changes wanted while one is under way go together into the next.
 */
export class SharedDivision {
  readonly #objects: SharedObjects;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #restMs: number;
  readonly #waiting: Waiting[] = [];
  #last: DivisionReading | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isDraining = false;

  /** `restMs`: a reading that began so long ago is good enough to begin a change with. */
  constructor(objects: SharedObjects, clock: Clock, random: Random, restMs: number) {
    this.#objects = objects;
    this.#clock = clock;
    this.#random = random;
    this.#restMs = restMs;
  }

  /** A reading that began at most `restMs` before the call, which may have been some time ago. */
  read(restMs: number, callMs = this.#clock.monotonicMs()): Promise<DivisionReading> {
    const sinceMs = callMs - restMs;
    return this.#inTurn(() => this.#readSince(sinceMs));
  }

  /** Changes the division; nothing is written where the edit changes nothing. */
  change<T>(edit: Edit<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({
      callMs: this.#clock.monotonicMs(),
      run: (division) => {
        const answer = edit(division);
        return () => resolve(answer);
      },
      fail: reject,
    });
    if (!this.#isDraining) {
      this.#isDraining = true;
      void this.#inTurn(() => this.#drain());
    }
    return promise;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(action, action);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #readSince(sinceMs: number): Promise<DivisionReading> {
    if (this.#last !== undefined && this.#last.startMs >= sinceMs) return this.#last;
    const startMs = this.#clock.monotonicMs();
    const known = this.#last;
    const found = await this.#objects.get(DIVISION_KEY, known?.etag);
    if (found === "unchanged") this.#last = { ...known!, startMs };
    else {
      const division = found === undefined ? emptyDivision() : parseDivision(found.text);
      this.#last = { division, startMs, etag: found?.etag };
    }
    return this.#last;
  }

  async #drain(): Promise<void> {
    let wanted: readonly Waiting[] = [];
    try {
      await sleep(this.#clock, GATHER_MS);
      await this.#readSince(this.#waiting[0]!.callMs - this.#restMs);
      // Those who came meanwhile go along.
      this.#isDraining = false;
      wanted = this.#waiting.splice(0);
      await this.#changeFor(wanted);
    } catch (error) {
      this.#isDraining = false;
      for (const { fail } of [...wanted, ...this.#waiting.splice(0)]) fail(error);
    }
  }

  async #changeFor(wanted: readonly Waiting[]): Promise<void> {
    let faults = 0;
    for (let tries = 1; tries <= TRIES_MAX; tries++) {
      const { division, etag } = this.#last!;
      const draft = copyDivision(division);
      const answers = wanted.map(({ run }) => run(draft));
      const isSame = formatDivision(draft, "") === formatDivision(division, "");
      try {
        if (isSame || await this.#put(draft, etag)) return answers.forEach((answer) => answer());
      } catch (error) {
        if (!(error instanceof TransientError) || ++faults >= FAULTS_MAX) throw error;
      }
      // Acts on what is there now, whoever wrote it: also what was not answered may have arrived.
      await sleep(this.#clock, tries * this.#random.fraction() * WAIT_MS_MAX);
      await this.#readSince(Infinity);
    }
    throw new TransientError(
      `Cannot change who runs what: others changed it first, ${TRIES_MAX} times`,
    );
  }

  /** Whether this version is there now. */
  async #put(division: Division, etag: string | undefined): Promise<boolean> {
    const startMs = this.#clock.monotonicMs();
    const text = formatDivision(division, this.#random.hex(16));
    const written = etag === undefined
      ? await this.#objects.create(DIVISION_KEY, text)
      : await this.#objects.replace(DIVISION_KEY, text, etag);
    if (written === undefined) return false;
    this.#last = { division, startMs, etag: written };
    return true;
  }
}
