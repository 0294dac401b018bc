import type { PipelineEvent } from "../pipeline/events.ts";
import type { Clock } from "../support/clock.ts";

/** The stages that are timed, in the order in which events go through them. */
export const STAGES = ["read_wait", "encode_wait", "encode", "append", "put"] as const;
export type Stage = typeof STAGES[number];

/** Minutes that are looked back. */
export const STAGE_MINUTES = 5;

const MINUTE_MS = 60_000;

/** Steps from one length of time to its double: quantiles are true to a fifth. */
const STEPS_A_DOUBLE = 4;

/** The shortest time that is told from none is a 16th of a millisecond; the longest, twelve days. */
const SHORTEST_POWER = -4;
const STEPS_MAX = (30 - SHORTEST_POWER) * STEPS_A_DOUBLE;

/** How long a stage took in the last minutes. Without turns, its times are null. */
export interface StageTime {
  readonly stage: Stage;
  readonly turns: number;
  readonly meanMs: number | null;
  /** Half of the turns took no longer. */
  readonly medianMs: number | null;
  /** 19 of 20 turns took no longer. */
  readonly p95Ms: number | null;
  readonly longestMs: number | null;
}

interface Minute {
  readonly number: number;
  turns: number;
  sumMs: number;
  longestMs: number;
  /** Turns by their length in steps. */
  readonly steps: Uint32Array;
}

/** How long each stage of this instance's streams takes, over the last minutes: always the same few numbers. */
export class StageTimes {
  readonly #clock: Clock;
  readonly #minutes = new Map<Stage, Minute[]>(STAGES.map((stage) => [stage, []]));

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(event: PipelineEvent): void {
    switch (event.type) {
      case "reply-read":
        return this.#add("read_wait", event.waitMs);
      case "batch-encoded":
        this.#add("encode_wait", event.waitMs);
        return this.#add("encode", event.encodeMs);
      case "record-appended":
        return this.#add("append", event.appendMs);
      case "object-stored":
        return this.#add("put", event.putMs);
      default:
        return;
    }
  }

  get now(): readonly StageTime[] {
    return STAGES.map((stage) => summary(stage, this.#recent(stage)));
  }

  #add(stage: Stage, ms: number): void {
    const minutes = this.#recent(stage);
    const number = this.#minute();
    let minute = minutes.at(-1);
    if (minute?.number !== number) {
      const steps = new Uint32Array(STEPS_MAX);
      minute = { number, turns: 0, sumMs: 0, longestMs: 0, steps };
      minutes.push(minute);
    }
    minute.turns++;
    minute.sumMs += ms;
    minute.longestMs = Math.max(minute.longestMs, ms);
    minute.steps[stepOf(ms)]!++;
  }

  /** What is older is forgotten. */
  #recent(stage: Stage): Minute[] {
    const minutes = this.#minutes.get(stage)!;
    const oldest = this.#minute() - STAGE_MINUTES + 1;
    while (minutes.length > 0 && minutes[0]!.number < oldest) minutes.shift();
    return minutes;
  }

  #minute(): number {
    return Math.floor(this.#clock.monotonicMs() / MINUTE_MS);
  }
}

function summary(stage: Stage, minutes: readonly Minute[]): StageTime {
  const turns = minutes.reduce((sum, minute) => sum + minute.turns, 0);
  if (turns === 0) {
    return { stage, turns, meanMs: null, medianMs: null, p95Ms: null, longestMs: null };
  }
  const longestMs = Math.max(...minutes.map((minute) => minute.longestMs));
  const sumMs = minutes.reduce((sum, minute) => sum + minute.sumMs, 0);
  const quantile = (part: number) =>
    rounded(Math.min(longestMs, quantileMs(minutes, turns * part)));
  return {
    stage,
    turns,
    meanMs: rounded(sumMs / turns),
    medianMs: quantile(0.5),
    p95Ms: quantile(0.95),
    longestMs: rounded(longestMs),
  };
}

/** The end of the step in which that many turns are reached. */
function quantileMs(minutes: readonly Minute[], wanted: number): number {
  let seen = 0;
  for (let step = 0; step < STEPS_MAX; step++) {
    for (const { steps } of minutes) seen += steps[step]!;
    if (seen >= wanted) return 2 ** ((step + 1) / STEPS_A_DOUBLE + SHORTEST_POWER);
  }
  return Infinity;
}

function stepOf(ms: number): number {
  const step = Math.floor(
    (Math.log2(Math.max(ms, Number.MIN_VALUE)) - SHORTEST_POWER) * STEPS_A_DOUBLE,
  );
  return Math.min(STEPS_MAX - 1, Math.max(0, step));
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
