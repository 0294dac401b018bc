import { configureSync, getLogger, type LogRecord } from "@logtape/logtape";
import { type Clock, isoTime } from "../support/clock.ts";
import { type Log, type LogFields, type LogLevel, LogPlace } from "../support/log.ts";
import { logValue } from "./log_value.ts";

export interface LogOptions {
  /** The least important level that is written. */
  readonly level: LogLevel;
  /** `terminal`: text for a person who watches. */
  readonly format: "json" | "text" | "terminal";
  /** Whether text has the level in colour. Default: no. */
  readonly colours?: boolean;
  /** Fields of every line that has none of that name; a person who watches knows them. Default: none. */
  readonly common?: Readonly<Record<string, string>>;
  /** Gives the time of each line; logging itself never asks the platform. */
  readonly clock: Clock;
  /** Writes one line, which ends with a line feed. */
  readonly write: (line: string) => void;
  /** Texts that must not appear, as passwords; addresses are masked anyway. */
  readonly secrets: readonly string[];
  /** Is given all that is written too, without secrets. */
  readonly keep?: (entry: LogEntry) => void;
}

/** A log that can be made more or less talkative while it is in use. */
export interface LevelledLog extends Log {
  setLevel(level: LogLevel): void;
}

const CATEGORY = "tributary";

/** LogTape's names of our levels. */
const LEVELS = { debug: "debug", info: "info", warn: "warning", error: "error" } as const;

/**
 * The program's log: one line a message, as JSON or as text. A process has one; the last one made is in force.
 *
 * JSON has `time`, `level`, `message`, then the fields. A field that would hide one of these gets an underscore behind. A place
 * in history is two fields in JSON, `position` and `positionTime`, and the time alone in text.
 */
export function createLog(options: LogOptions): LevelledLog {
  const form = options.format === "json" ? jsonLine : textLine;
  const setLevel = (level: LogLevel) =>
    configureSync({
      reset: true,
      sinks: {
        lines: (record) => {
          const entry = entryOf(record, options);
          options.write(form(entry, options));
          options.keep?.(entryOf(record, { ...options, format: "terminal" }));
        },
      },
      loggers: [
        { category: [CATEGORY], lowestLevel: LEVELS[level], sinks: ["lines"] },
        { category: ["logtape", "meta"], lowestLevel: "error", sinks: [] },
      ],
    });
  setLevel(options.level);
  const logger = getLogger([CATEGORY]);
  return {
    debug: (message, fields) => logger.debug(message, { ...fields }),
    info: (message, fields) => logger.info(message, { ...fields }),
    warn: (message, fields) => logger.warn(message, { ...fields }),
    error: (message, fields) => logger.error(message, { ...fields }),
    setLevel,
  };
}

/** What one line says. */
export interface LogEntry {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

function entryOf(record: LogRecord, options: LogOptions): LogEntry {
  const { common = {}, format, secrets } = options;
  const given = Object.entries(record.properties).filter(([, value]) => value !== undefined);
  // Who watches has started this one instance, and sees nothing of others.
  const shown = format === "terminal"
    ? given.filter(([key, value]) => common[key] !== value)
    : [...given, ...Object.entries(common).filter(([key]) => !(key in record.properties))];
  return {
    time: isoTime(options.clock.wallMs()),
    level: record.level === "warning" ? "warn" : record.level as LogLevel,
    // The sentence as it was given: messages are constant, braces in them are no placeholders.
    message: typeof record.rawMessage === "string" ? record.rawMessage : record.rawMessage.join(""),
    fields: Object.fromEntries(shown.flatMap(([key, value]) => field(key, value, format, secrets))),
  };
}

function field(
  key: string,
  value: unknown,
  format: LogOptions["format"],
  secrets: readonly string[],
): [string, unknown][] {
  if (!(value instanceof LogPlace)) return [[key, logValue(value, secrets)]];
  return format === "json" ? [[key, value.exact], [`${key}Time`, value.time]] : [[key, value.time]];
}

function jsonLine({ time, level, message, fields }: LogEntry): string {
  const line: Record<string, unknown> = { time, level, message };
  for (const [key, value] of Object.entries(fields)) line[key in line ? `${key}_` : key] = value;
  return JSON.stringify(line) + "\n";
}

/** Of a day's time the date is left out for a person who watches; both are UTC, as the times of positions. */
function textLine({ time, level, message, fields }: LogEntry, options: LogOptions): string {
  const { format, colours = false } = options;
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${plain(value)}`).join("");
  const word = level.padEnd(5);
  const shownTime = format === "terminal" ? `${time.slice(11, 19)}Z` : time;
  if (!colours) return `${shownTime} ${word} ${message}${pairs}\n`;
  const rest = pairs === "" ? "" : coloured(DIM, pairs);
  return `${coloured(DIM, shownTime)} ${coloured(COLOURS[level], word)} ${message}${rest}\n`;
}

const DIM = "2";
const COLOURS: Readonly<Record<LogLevel, string>> = {
  debug: DIM,
  info: "32",
  warn: "33",
  error: "1;31",
};

function coloured(code: string, text: string): string {
  return `\x1b[${code}m${text}\x1b[0m`;
}

/** A value in a line of text; quoted where it would not be one word, so that a line stays a line. */
function plain(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=\p{Cc}]+$/u.test(value)) return value;
  return JSON.stringify(value);
}
