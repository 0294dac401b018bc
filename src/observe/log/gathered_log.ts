import type { Clock, Timer } from "../../support/clock.ts";
import type { Log, LogFields } from "../../support/log.ts";
import { formatSeconds } from "../../support/units.ts";
import { withoutStream } from "../without_stream.ts";

/** What follows the first line of a fault within this time is one more line. */
export const FIRST_MS = 2000;

/** The same while the fault goes on; after so long without it, the next is a new one. */
export const LATER_MS = 20_000;

/** Of more faults at once, those beyond are said each time. */
const FAULTS_MAX = 200;

/** What is said so much later says how long ago it was. */
const AGO_MS_MIN = 5000;

/** Of more streams, the first are named. */
const STREAMS_NAMED_MAX = 5;

type Level = "warn" | "error";

interface Fault {
  readonly level: Level;
  readonly message: string;
  /** Of what was not said yet. */
  readonly streams: Set<string>;
  times: number;
  /** When it last happened, on the monotonic clock. */
  lastMs: number;
  isLater: boolean;
  fields: LogFields;
  timer: Timer;
}

/**
 * A log in which one fault is not a line for each stream and each try: the first warning or error with a message and a
 * reason is written at once, what is the same but for the stream is gathered.
 */
export class GatheredLog implements Log, Disposable {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #faults = new Map<string, Fault>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  debug(message: string, fields?: LogFields): void {
    this.#log.debug(message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log.info(message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#take("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#take("error", message, fields);
  }

  /** What was gathered of a stream is said now: it runs again, and later it would not be true any more. */
  sayOf(stream: string): void {
    for (const fault of this.#faults.values()) {
      if (fault.streams.has(stream)) this.#say(fault);
    }
  }

  /** A log for lines that end faults: whatever was gathered before one of them is said before it. */
  get inOrder(): Log {
    const say = (level: keyof Log): Log[typeof level] => (message, fields) => {
      this.#sayAll();
      this.#log[level](message, fields);
    };
    return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
  }

  /** What was gathered is said. */
  [Symbol.dispose](): void {
    for (const fault of this.#faults.values()) fault.timer.cancel();
    this.#sayAll();
    this.#faults.clear();
  }

  #sayAll(): void {
    for (const fault of this.#faults.values()) this.#say(fault);
  }

  #take(level: Level, message: string, fields: LogFields = {}): void {
    const { stream } = fields;
    const reason = fields.error ?? fields.reason;
    if (typeof stream !== "string" || reason === undefined) {
      return this.#log[level](message, fields);
    }
    const key = `${message}\n${withoutStream(String(reason), stream)}`;
    const known = this.#faults.get(key);
    if (known === undefined) {
      this.#log[level](message, fields);
      if (this.#faults.size >= FAULTS_MAX) return;
      const timer = this.#clock.after(FIRST_MS, () => this.#look(key));
      this.#faults.set(key, {
        level,
        message,
        streams: new Set(),
        times: 0,
        lastMs: 0,
        isLater: false,
        fields,
        timer,
      });
      return;
    }
    known.streams.add(stream);
    known.times++;
    known.lastMs = this.#clock.monotonicMs();
    known.fields = fields;
  }

  #look(key: string): void {
    const fault = this.#faults.get(key);
    if (fault === undefined) return;
    if (fault.times === 0 && fault.isLater) return void this.#faults.delete(key);
    this.#say(fault);
    fault.isLater = true;
    fault.timer = this.#clock.after(LATER_MS, () => this.#look(key));
  }

  #say(fault: Fault): void {
    if (fault.times === 0) return;
    const { level, message, fields: { stream: _, ...fields }, times } = fault;
    const names = [...fault.streams];
    const more = Math.max(0, names.length - STREAMS_NAMED_MAX);
    const agoMs = this.#clock.monotonicMs() - fault.lastMs;
    this.#log[level](message, {
      ...(names.length === 1
        ? { stream: names[0] }
        : { streams: names.slice(0, STREAMS_NAMED_MAX) }),
      ...(more === 0 ? {} : { more }),
      ...(times === 1 ? {} : { times }),
      ...(agoMs < AGO_MS_MIN ? {} : { ago: formatSeconds(agoMs) }),
      ...fields,
    });
    fault.streams.clear();
    fault.times = 0;
  }
}
