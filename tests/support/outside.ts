import type { EventCursor, Source } from "../../src/pipeline/ports.ts";
import type { Clock, Timer } from "../../src/support/clock.ts";
import { sleep } from "../../src/support/clock.ts";

/** One call of a program to something outside of it. */
export interface OutsideCall {
  /** What is called: "destination", "state", "source". */
  readonly target: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/**
 * What happens to a call. With `before` the effect does not take place, with `after` it does and only its answer is
 * lost. A crash ends the whole program: nothing of it is ever answered again.
 */
export type Fault =
  | { readonly kind: "error"; readonly when: "before" | "after"; readonly error: Error }
  | { readonly kind: "crash"; readonly when: "before" | "after" }
  /** The effect takes place and is answered once the promise resolves. */
  | { readonly kind: "held"; readonly when: "before" | "after"; readonly until: Promise<void> };

/** Methods that ask nobody, and answer at once. */
const ANSWERED_FROM_MEMORY = new Set(["keyFault"]);

/**
 * Everything outside of one running copy of the program, as that copy meets it: each call passes here, may be slow, fail
 * or be its last. Killing it freezes the copy for good: no answer and no timer reaches it any more.
 */
export class Outside {
  readonly clock: Clock;
  readonly #world: Clock;
  readonly #latencyMs: () => number;
  #isKilled = false;
  #frozen: Promise<void> | undefined;
  #thaw: (() => void) | undefined;

  /** Decides over each call; it may count them. */
  plan: (call: OutsideCall) => Fault | undefined = () => undefined;

  constructor(world: Clock, latencyMs: () => number = () => 0) {
    this.#world = world;
    this.#latencyMs = latencyMs;
    this.clock = {
      monotonicMs: () => world.monotonicMs(),
      wallMs: () => world.wallMs(),
      after: (delayMs, action) => this.#after(delayMs, action),
    };
  }

  get isKilled(): boolean {
    return this.#isKilled;
  }

  kill(): void {
    this.#isKilled = true;
  }

  /** Stops the copy, as a suspended machine does, until `thaw`. */
  freeze(): void {
    this.#frozen ??= new Promise((resolve) => this.#thaw = resolve);
  }

  thaw(): void {
    this.#frozen = undefined;
    this.#thaw?.();
  }

  /** The same object with each of its calls passing here; they must all answer with promises. */
  wrap<T extends object>(target: string, inner: T): T {
    return new Proxy(inner, {
      get: (_, property) => {
        const value: unknown = Reflect.get(inner, property, inner);
        if (typeof value !== "function") return value;
        const method = String(property);
        if (ANSWERED_FROM_MEMORY.has(method)) return value.bind(inner);
        return (...args: unknown[]) =>
          this.#call({ target, method, args }, () => Reflect.apply(value, inner, args));
      },
    });
  }

  /** As `wrap`, for a source and the cursors that it gives. */
  wrapSource(inner: Source): Source {
    const source = this.wrap("source", inner);
    return {
      describe: (signal) => source.describe(signal),
      open: async (request, signal): Promise<EventCursor> =>
        this.wrap("cursor", await source.open(request, signal)),
    };
  }

  async #call(call: OutsideCall, effect: () => Promise<unknown>): Promise<unknown> {
    await this.#alive();
    const fault = this.plan(call);
    await this.#delay();
    if (fault?.when === "before") await this.#meet(fault);
    const outcome = await effect().then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    await this.#delay();
    if (fault?.when === "after") await this.#meet(fault);
    await this.#alive();
    return outcome();
  }

  async #meet(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case "error":
        throw fault.error;
      case "crash":
        this.kill();
        return await this.#alive();
      case "held":
        return await fault.until;
    }
  }

  async #delay(): Promise<void> {
    const delayMs = this.#latencyMs();
    if (delayMs > 0) await sleep(this.#world, delayMs);
  }

  /** Never resolves for a copy that is dead, and for a frozen one only after its thaw. */
  async #alive(): Promise<void> {
    while (this.#frozen !== undefined) await this.#frozen;
    if (this.#isKilled) await new Promise(() => {});
  }

  #after(delayMs: number, action: () => void): Timer {
    let cancelled = false;
    const timer = this.#world.after(delayMs, () => {
      if (this.#frozen === undefined && !this.#isKilled) return action();
      void this.#alive().then(() => {
        if (!cancelled) action();
      });
    });
    return {
      cancel() {
        cancelled = true;
        timer.cancel();
      },
    };
  }
}

/** A plan that meets the call with this number, from 1, among those that count. */
export function atCall(
  number: number,
  fault: Fault,
  counts: (call: OutsideCall) => boolean = () => true,
): (call: OutsideCall) => Fault | undefined {
  let seen = 0;
  return (call) => counts(call) && ++seen === number ? fault : undefined;
}
