import type { Log, LogFields } from "../support/log.ts";
import { logValue } from "./log_value.ts";

/** A log whose fields are plain and short, and in which none of the secrets appears. */
export function maskedLog(log: Log, secrets: readonly string[]): Log {
  const masked = (fields?: LogFields): LogFields | undefined =>
    fields === undefined ? undefined : logValue(fields, secrets) as LogFields;
  return {
    debug: (message, fields) => log.debug(message, masked(fields)),
    info: (message, fields) => log.info(message, masked(fields)),
    warn: (message, fields) => log.warn(message, masked(fields)),
    error: (message, fields) => log.error(message, masked(fields)),
  };
}
