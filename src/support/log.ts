/** Where the program says what happens: a constant sentence, and the values beside it. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Values by name. An `Error` is written as its message and those of its causes. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A place in MongoDB's history as a field: for programs as MongoDB has it, for people by its time. */
export class LogPlace {
  /** `1795194000.1` */
  readonly exact: string;
  /** `2026-11-20T17:00:00Z` */
  readonly time: string;

  constructor(exact: string, time: string) {
    this.exact = exact;
    this.time = time;
  }
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Keeps quiet. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
