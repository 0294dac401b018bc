import { faultLine } from "../config/read/fault.ts";
import type { LiveConfig } from "../config/live_config.ts";
import type { LoadResult } from "../config/resolve/load.ts";
import { type Reading, type SettingChange, takeOver } from "../config/reload.ts";
import type { Clock } from "../support/clock.ts";
import type { Log } from "../support/log.ts";

/**
 * Takes over what may change in settings that were read again, and says in the log what has changed, what waits for a
 * restart, or all that is wrong with them; then nothing changes. Answers what is in force from here on.
 */
export function readAgain(
  inForce: Reading,
  read: LoadResult,
  live: LiveConfig,
  { log, clock }: { readonly log: Log; readonly clock: Pick<Clock, "wallMs"> },
): Reading {
  if (!read.ok) {
    const faults = read.faults.map(faultLine);
    log.error("Configuration has faults; nothing changes", { faults });
    const more = faults.length === 1 ? "" : `; and ${faults.length - 1} more`;
    live.refuse({ atMs: clock.wallMs(), reason: `${faults[0]!.replace(/\.$/, "")}${more}` });
    return inForce;
  }
  live.taken();
  const taken = takeOver(inForce, read);
  if (taken.needRestart.length > 0) {
    log.warn("Changed settings wait for a restart", { settings: taken.needRestart });
  }
  if (taken.changes.length === 0) {
    log.info("Configuration was read again; nothing changes");
    return inForce;
  }
  const say = () => log.info("Configuration was read again", { changed: taken.changes.map(text) });
  // Said at whichever of the two levels still shows it.
  const { logLevel } = taken.inForce.config;
  const saysFirst = logLevel === "warn" || logLevel === "error";
  if (saysFirst) say();
  live.replace(taken.inForce.config);
  if (!saysFirst) say();
  return taken.inForce;
}

function text({ setting, before = "none", now = "none" }: SettingChange): string {
  return `${setting}: ${before} -> ${now}`;
}
