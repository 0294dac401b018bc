import { PermanentError, TransientError } from "../../src/model/errors.ts";
import type { Clock } from "../../src/support/clock.ts";
import { sleep } from "../../src/support/clock.ts";
import type { EventLog } from "./event_log.ts";
import type { SimClock } from "./sim_clock.ts";

/** What an instance talks to. */
export type Service = "mongodb" | "lake" | "redis";

export interface OutsideCall {
  readonly service: Service;
  readonly method: string;
  /** What it is about, for the log. */
  readonly subject: string;
}

/**
 * What happens to a call. `before`: without its effect; `after`: its effect takes place, its answer is lost; `late`: it
 * fails now, and its effect takes place after `lateMs` all the same.
 */
export type Fault =
  | { readonly kind: "error"; readonly when: "before" | "after" }
  | { readonly kind: "refused" }
  | { readonly kind: "crash"; readonly when: "before" | "after" }
  | { readonly kind: "late"; readonly lateMs: number };

/** Of a request, and of its answer. */
export type Way = "there" | "back";

/** How calls fare; asked once for each. */
export interface Weather {
  fault(call: OutsideCall): Fault | undefined;
  /** How long a call takes, one way. */
  delayMs(call: OutsideCall, way: Way): number;
  /** Whether nothing passes between this instance and the service now. */
  isCut(service: Service, way: Way): boolean;
}

/** A cut connection is noticed after so long. */
const CUT_NOTICED_MS = 1000;

/** Everything outside of one copy of the program, as that copy meets it. A killed one gets no answer any more. */
export class Boundary {
  readonly name: string;
  /** The copy's own. */
  readonly clock: SimClock;
  readonly #world: Clock;
  readonly #weather: Weather;
  readonly #log: EventLog;
  readonly #crash: () => void;

  constructor(
    name: string,
    parts: {
      readonly world: Clock;
      readonly clock: SimClock;
      readonly weather: Weather;
      readonly log: EventLog;
      /** Ends the whole copy. */
      readonly crash: () => void;
    },
  ) {
    this.name = name;
    this.#world = parts.world;
    this.clock = parts.clock;
    this.#weather = parts.weather;
    this.#log = parts.log;
    this.#crash = parts.crash;
  }

  /** One call; `effect` happens in the service, at its time, whatever becomes of the caller. */
  async call<T>(call: OutsideCall, effect: () => Promise<T>): Promise<T> {
    await this.clock.running();
    const fault = this.#weather.fault(call);
    this.#note(call, fault);
    await this.#travel(call, "there");
    switch (fault?.kind) {
      case "error":
        if (fault.when === "before") return await this.#fail(call);
        break;
      case "refused":
        await this.clock.running();
        throw new PermanentError(`Cannot ${call.method} ${call.subject}: not allowed now`);
      case "crash":
        if (fault.when === "before") return await this.#end();
        break;
      case "late":
        this.#later(call, fault.lateMs, effect);
        return await this.#fail(call);
    }
    if (this.#weather.isCut(call.service, "there")) return await this.#fail(call);
    const outcome = await settle(effect);
    await this.#travel(call, "back");
    if (fault?.kind === "crash") return await this.#end();
    const isLost = fault?.kind === "error" || this.#weather.isCut(call.service, "back");
    if (isLost) return await this.#fail(call);
    await this.clock.running();
    return outcome();
  }

  #note(call: OutsideCall, fault: Fault | undefined): void {
    const met = fault === undefined
      ? ""
      : ` !${fault.kind} ${"when" in fault ? fault.when : "lateMs" in fault ? fault.lateMs : ""}`;
    this.#log.add(this.name, `${call.service}.${call.method} ${call.subject}${met}`);
  }

  async #travel(call: OutsideCall, way: Way): Promise<void> {
    const delayMs = this.#weather.delayMs(call, way);
    if (delayMs > 0) await sleep(this.#world, delayMs);
  }

  async #fail(call: OutsideCall): Promise<never> {
    if (this.#weather.isCut(call.service, "there")) await sleep(this.#world, CUT_NOTICED_MS);
    await this.clock.running();
    throw new TransientError(`Cannot ${call.method} ${call.subject}: the connection was cut`);
  }

  async #end(): Promise<never> {
    this.#log.add(this.name, "crashes");
    this.#crash();
    return await new Promise<never>(() => {});
  }

  #later(call: OutsideCall, lateMs: number, effect: () => Promise<unknown>): void {
    this.#world.after(lateMs, () => {
      this.#log.add(this.name, `late ${call.service}.${call.method} ${call.subject}`);
      effect().catch(() => {}); // Nobody hears the answer.
    });
  }
}

/** The outcome of something that is done now and told later. */
async function settle<T>(effect: () => Promise<T>): Promise<() => T> {
  try {
    const value = await effect();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
