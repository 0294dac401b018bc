import type { LogEntry } from "./log.ts";

/** Lines that are remembered. */
export const LINES_MAX = 200;

/** Characters of all lines together; before there are more, the oldest go. */
export const LINES_CHARS_MAX = 200_000;

/** Of longer lines the beginning is remembered. */
const LINE_CHARS_MAX = 2000;

/** Warnings and errors that are remembered; what is said again counts as one. */
export const ERRORS_MAX = 50;

/** Streams that are named with one of them; of more, the first. */
export const STREAMS_NAMED_MAX = 20;

/** A line of the log, without what must not be seen. */
export interface TailLine {
  /** ISO 8601. */
  readonly at: string;
  readonly level: LogEntry["level"];
  readonly text: string;
}

/** A warning or an error, and how often it was said. */
export interface TailError extends TailLine {
  /** The streams that it was said of, in the order in which it was; the first `STREAMS_NAMED_MAX`. */
  readonly streams: readonly string[];
  /** When it was first said; `at` is the last time. */
  readonly since: string;
  readonly times: number;
}

/** The end of the log, for people who have no terminal there: the last lines, and the last warnings and errors. */
export class LogTail {
  readonly #lines: TailLine[] = [];
  /** By what makes them the same; the last said is the last. */
  readonly #errors = new Map<string, TailError>();
  #chars = 0;
  #errorCount = 0;

  /** Remembers what the log writes. Secrets are masked in it already. */
  take(entry: LogEntry): void {
    const { time: at, level, message, fields } = entry;
    this.#keepLine({ at, level, text: cut(message + pairs(fields)) });
    if (level === "warn" || level === "error") this.#keepError(entry);
  }

  /** Oldest first. */
  get lines(): readonly TailLine[] {
    return this.#lines;
  }

  /** The last said first. */
  get errors(): readonly TailError[] {
    return [...this.#errors.values()].reverse();
  }

  /** Warnings and errors since the program began; it grows when `errors` have changed. */
  get errorCount(): number {
    return this.#errorCount;
  }

  #keepLine(line: TailLine): void {
    this.#lines.push(line);
    this.#chars += line.text.length;
    while (this.#lines.length > LINES_MAX || this.#chars > LINES_CHARS_MAX) {
      this.#chars -= this.#lines.shift()!.text.length;
    }
  }

  #keepError({ time: at, level, message, fields }: LogEntry): void {
    const { stream, error, reason, ...others } = fields;
    const why = [error, reason].filter((each) => each !== undefined).map(String);
    const text = cut([message, ...why].join(": "));
    // One fault is said of many streams.
    const key = `${level} ${text}`;
    const known = this.#errors.get(key);
    const streams = new Set(known?.streams);
    if (typeof stream === "string" && streams.size < STREAMS_NAMED_MAX) streams.add(stream);
    this.#errors.delete(key);
    this.#errors.set(key, {
      ...{ at, level, since: known?.since ?? at, times: (known?.times ?? 0) + 1 },
      streams: [...streams],
      // Figures differ each time; where nothing else tells why, they do.
      text: why.length > 0 ? text : cut(text + pairs(others)),
    });
    if (this.#errors.size > ERRORS_MAX) this.#errors.delete(this.#errors.keys().next().value!);
    this.#errorCount++;
  }
}

function pairs(fields: LogEntry["fields"]): string {
  return Object.entries(fields).map(([name, value]) => ` ${name}=${shown(value)}`).join("");
}

/** Quoted where it would not be one word. */
function shown(value: unknown): string {
  return typeof value === "string" && /^[^\s"=\p{Cc}]+$/u.test(value)
    ? value
    : JSON.stringify(value);
}

function cut(text: string): string {
  return text.length <= LINE_CHARS_MAX ? text : text.slice(0, LINE_CHARS_MAX) + "...";
}
