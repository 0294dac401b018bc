/** Where the program says what happens: a constant sentence, and the values beside it. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Values by name. An `Error` is written as its message and those of its causes. */
export type LogFields = Readonly<Record<string, unknown>>;

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Keeps quiet. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
