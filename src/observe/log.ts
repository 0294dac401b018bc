import { configureSync, getLogger, type LogRecord } from "@logtape/logtape";
import { type Clock, isoTime } from "../support/clock.ts";
import type { Log, LogFields, LogLevel } from "../support/log.ts";
import { logValue } from "./log_value.ts";

export interface LogOptions {
  /** The least important level that is written. */
  readonly level: LogLevel;
  readonly format: "json" | "text";
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
 * JSON has `time`, `level`, `message`, then the fields. A field that would hide one of these gets an underscore behind.
 */
export function createLog(options: LogOptions): LevelledLog {
  const form = options.format === "json" ? jsonLine : textLine;
  const setLevel = (level: LogLevel) =>
    configureSync({
      reset: true,
      sinks: {
        lines: (record) => {
          const entry = entryOf(record, options);
          options.write(form(entry));
          options.keep?.(entry);
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
  const fields = Object.entries(record.properties)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, logValue(value, options.secrets)]);
  return {
    time: isoTime(options.clock.wallMs()),
    level: record.level === "warning" ? "warn" : record.level as LogLevel,
    // The sentence as it was given: messages are constant, braces in them are no placeholders.
    message: typeof record.rawMessage === "string" ? record.rawMessage : record.rawMessage.join(""),
    fields: Object.fromEntries(fields),
  };
}

function jsonLine({ time, level, message, fields }: LogEntry): string {
  const line: Record<string, unknown> = { time, level, message };
  for (const [key, value] of Object.entries(fields)) line[key in line ? `${key}_` : key] = value;
  return JSON.stringify(line) + "\n";
}

function textLine({ time, level, message, fields }: LogEntry): string {
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${plain(value)}`);
  return `${time} ${level.padEnd(5)} ${message}${pairs.join("")}\n`;
}

/** A value in a line of text; quoted where it would not be one word, so that a line stays a line. */
function plain(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=\p{Cc}]+$/u.test(value)) return value;
  return JSON.stringify(value);
}
