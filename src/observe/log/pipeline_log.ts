import type { Position } from "../../model/position.ts";
import { logPlace } from "./log_place.ts";
import type { PipelineEvent } from "../../pipeline/events.ts";
import type { Log, LogFields, LogPlace } from "../../support/log.ts";

type EventType = PipelineEvent["type"];
type EventOf<T extends EventType> = Extract<PipelineEvent, { readonly type: T }>;

/** How an event is said: level, sentence, and which of its fields go along. Absent: it is only counted. */
type Line<T extends EventType> = {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields?: (event: EventOf<T>) => LogFields;
};

const LINES: { readonly [T in EventType]: Line<T> | undefined } = {
  "stream-started": { level: "info", message: "Stream started", fields: rest },
  "journal-opened": {
    level: "info",
    message: "Journal opened",
    fields: (e) => ({ seq: e.seq, position: place(e.position) }),
  },
  "genesis-written": {
    level: "info",
    message: "Journal begun",
    fields: (e) => ({ position: place(e.position) }),
  },
  "start-ignored": {
    level: "info",
    message: "START_FROM is ignored: the journal says where to go on",
    fields: (e) => ({ startFrom: e.startFrom, position: place(e.position) }),
  },
  "settings-changed": {
    level: "warn",
    message: "Settings changed since the last record",
    fields: rest,
  },
  "source-opened": {
    level: "info",
    message: "Change stream opened",
    fields: (e) => ({ position: place(e.position) }),
  },
  "source-lost": {
    level: "warn",
    message: "Change stream lost; it is opened again",
    fields: rest,
  },
  "reply-read": undefined,
  "batch-encoded": {
    level: "debug",
    message: "Batch encoded",
    fields: (e) => ({ ...rest(e), to: place(e.to) }),
  },
  "record-appended": {
    level: "debug",
    message: "Record appended",
    fields: (e) => ({ kind: e.kind, seq: e.seq, to: place(e.to), appendMs: e.appendMs }),
  },
  "object-stored": { level: "debug", message: "Object stored", fields: rest },
  "batch-durable": {
    level: "info",
    message: "Batch stored",
    fields: ({ namespace, ...e }) => ({
      ...rest(e),
      to: place(e.to),
      ...(namespace === undefined ? {} : { namespace }),
    }),
  },
  "dead-letters": { level: "warn", message: "Events went to the dead letters", fields: rest },
  "reopened": {
    level: "warn",
    message: "Stream was invalidated and reopened",
    fields: (e) => ({ position: place(e.position) }),
  },
  "redo-started": { level: "info", message: "Making missing objects again", fields: rest },
  "redo-finished": { level: "info", message: "Missing objects made", fields: rest },
  "piece-superseded": {
    level: "info",
    message:
      "A collection of a snapshot was dropped, renamed or replaced; the stream has what became of it",
    fields: (e) => ({ collection: `${e.database}.${e.collection}` }),
  },
  "objects-voided": { level: "error", message: "Objects cannot be made any more", fields: rest },
  "history-gap": {
    level: "error",
    message: "History was lost; a gap is recorded",
    fields: (e) => ({ from: place(e.from), to: place(e.to), reason: e.reason }),
  },
  // Each was said when it happened, and what lasts is a gauge.
  "losses-known": undefined,
  "fenced": { level: "warn", message: "Another writer has the stream", fields: rest },
  // Said once for as long as it lasts: `EventLog`.
  "state-save-failed": undefined,
  "state-saved": undefined,
  "records-missing": {
    level: "warn",
    message: "The journal ends before a record that the state store has seen: this is a copy, or " +
      "records are gone; `tributary verify` names objects that may be here twice",
    fields: rest,
  },
  "state-unreadable": {
    level: "warn",
    message: "State could not be read; the journal says where to go on",
    fields: rest,
  },
  "stream-drained": {
    level: "info",
    message: "Stream drained",
    fields: (e) => ({ position: place(e.position) }),
  },
  "stream-closed": {
    level: "info",
    message: "Stream closed at its layout's barrier",
    fields: (e) => ({ position: place(e.position) }),
  },
  "stream-stopped": { level: "info", message: "Stream stopped" },
  "stream-failed": {
    level: "error",
    message: "Stream failed; it will be tried again",
    // Who gives the lease back says when.
    fields: ({ error, permanent, retryMs }) =>
      permanent ? { error, permanent } : { error, permanent, retryMs: Math.round(retryMs) },
  },
};

/** Of a stream that has not failed, and waits for another writer. */
const WAITS: Line<"stream-failed"> = {
  level: "info",
  message: "Stream waits for another writer",
  fields: ({ error, retryMs }) => ({ reason: error, retryMs: Math.round(retryMs) }),
};

/** Of a failure that waiting does not mend. */
const NEEDS_A_PERSON = "Stream needs a person; it is tried again";

/** Says what happens in a stream, one constant sentence for each kind of event. */
export function logPipelineEvent(log: Log, stream: string, event: PipelineEvent): void {
  const waits = event.type === "stream-failed" && event.waits === true;
  const line = (waits ? WAITS : LINES[event.type]) as Line<EventType> | undefined;
  if (line === undefined) return;
  const message = "permanent" in event && event.permanent ? NEEDS_A_PERSON : line.message;
  const fields = line.fields?.(event as never) ?? {};
  // What the stream is of is in its name.
  const { namespace, ...others } = fields;
  const isNamed = namespace === undefined || stream.startsWith("collection:");
  log[line.level](message, { stream, ...(isNamed ? others : fields) });
}

/** All fields but the type; milliseconds without the fractions nobody reads. */
function rest(event: PipelineEvent): LogFields {
  const { type: _, ...fields } = event;
  const entries = Object.entries(fields).map(([name, value]) =>
    [name, typeof value === "number" ? Math.round(value * 10) / 10 : value] as const
  );
  return Object.fromEntries(entries);
}

function place({ operationTime }: Position): LogPlace {
  return logPlace(operationTime);
}
