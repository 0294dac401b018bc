import type { CoordinateEvent } from "../../coordinate/events.ts";
import { nameOfKey } from "../../model/stream_choice.ts";
import type { Log, LogFields } from "../../support/log.ts";
import { formatSeconds } from "../../support/units.ts";

type EventType = CoordinateEvent["type"];

/** How an event is said. Absent: it is only counted. */
interface Line {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
}

const LINES: { readonly [T in EventType]: Line | undefined } = {
  "lock-acquired": { level: "info", message: "Lock acquired" },
  "lock-released": { level: "info", message: "Lock released" },
  "lock-lost": { level: "warn", message: "Lock lost" },
  "locks-refreshed": undefined,
  // Said once for as long as it lasts: `EventLog`.
  "lock-refresh-failed": undefined,
  "lock-release-failed": {
    level: "warn",
    message: "Lock could not be released; it is free when its time has run out",
  },
  "lock-acquisition-failed": { level: "debug", message: "Lock not acquired" },
  "members-changed": { level: "info", message: "Instances changed" },
  "shares-changed": { level: "info", message: "Streams divided" },
  // That it needs a person was said when it failed.
  "stream-set-aside": { level: "debug", message: "Stream is left alone until the next try" },
  // The failures themselves are in the log.
  "failing-changed": undefined,
  "rival-changed": { level: "warn", message: "Another instance selects other events" },
  "store-away": {
    level: "error",
    message: "Leases cannot be reached; streams run until their leases end",
  },
  "store-back": { level: "info", message: "Leases can be reached again" },
};

/** Says what happens to the streams' leases, one constant sentence for each kind of event. */
export function logCoordinateEvent(log: Log, instance: string, event: CoordinateEvent): void {
  if (event.type === "rival-changed" && event.reason === "") {
    return log.info("No other instance selects other events any more", { instance });
  }
  const line = LINES[event.type];
  if (line === undefined) return;
  if (event.type === "stream-set-aside") {
    const nextTryIn = formatSeconds(event.retryMs);
    return log.debug(line.message, { stream: nameOfKey(event.stream), nextTryIn, instance });
  }
  log[line.level](line.message, { ...coordinateFields(event), instance });
}

/** Streams by their names, where the key tells; milliseconds without the fractions nobody reads. */
export function coordinateFields({ type: _, ...fields }: CoordinateEvent): LogFields {
  const entries = Object.entries(fields).map(([name, value]) => {
    if (name === "stream" && typeof value === "string") return [name, nameOfKey(value)] as const;
    return [name, typeof value === "number" ? Math.round(value) : value] as const;
  });
  return Object.fromEntries(entries);
}
