import process from "node:process";
import { format } from "node:util";
import type { Log } from "../../support/log.ts";

/** What libraries print with, and how important it is then. */
const LEVELS = {
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warn",
  error: "warn",
  trace: "debug",
} as const;

/**
 * Lets the log have what libraries would print beside it, as drivers do about servers and addresses: who reads the log as
 * JSON could not read on. Until it is disposed of.
 */
export function captureLibraryOutput(log: Log): Disposable {
  const names = Object.keys(LEVELS) as (keyof typeof LEVELS)[];
  const before = names.map((name) => console[name]);
  for (const name of names) {
    console[name] = (...parts: unknown[]) =>
      log[LEVELS[name]]("A library says", { text: format(...parts) });
  }
  const listeners = process.listeners("warning");
  const onWarning = ({ name, message }: Error) =>
    log.warn("A library says", { text: `${name}: ${message}` });
  process.removeAllListeners("warning");
  process.on("warning", onWarning);
  return {
    [Symbol.dispose]() {
      names.forEach((name, i) => console[name] = before[i]!);
      process.off("warning", onWarning);
      for (const listener of listeners) process.on("warning", listener);
    },
  };
}
