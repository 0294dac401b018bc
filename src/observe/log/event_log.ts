import type { CoordinateEvent } from "../../coordinate/events.ts";
import { nameOfKey } from "../../model/stream_choice.ts";
import type { PipelineEvent } from "../../pipeline/events.ts";
import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import { coordinateFields, logCoordinateEvent } from "./coordinate_log.ts";
import { GatheredLog } from "./gathered_log.ts";
import { LastingFault } from "./lasting_fault.ts";
import { logPipelineEvent } from "./pipeline_log.ts";

/** What one fault makes of many streams, or again and again. */
const GATHERED: ReadonlySet<string> = new Set<PipelineEvent["type"] | CoordinateEvent["type"]>([
  ...["stream-failed", "source-lost", "lock-lost", "lock-release-failed"] as const,
]);

/** What each try of a stream says before it is known whether it helps. */
const OF_TRIES: ReadonlySet<string> = new Set<PipelineEvent["type"] | CoordinateEvent["type"]>([
  ...["stream-started", "journal-opened", "lock-acquired", "lock-released"] as const,
]);

/** What each try of a stream finds as the one before did: it is said again where it is another finding. */
const FINDINGS: ReadonlySet<string> = new Set<PipelineEvent["type"]>([
  ...["start-ignored", "records-missing", "state-unreadable"] as const,
]);

/** Says what happens in streams and to their leases, and of one fault not a line for each stream and each try. */
export class EventLog implements Disposable {
  readonly #log: Log;
  readonly #instance: string;
  readonly #gathered: GatheredLog;
  readonly #saving: LastingFault;
  readonly #refreshing: LastingFault;
  /** Names of streams that need a person, until they read again. */
  readonly #needing = new Set<string>();
  /** Streams whose journals were begun here, where START_FROM says. */
  readonly #begun = new Set<string>();
  /** By stream and kind, what was found last. */
  readonly #findings = new Map<string, string>();

  constructor(log: Log, clock: Clock, instance: string) {
    this.#log = log;
    this.#instance = instance;
    this.#gathered = new GatheredLog(log, clock);
    this.#saving = new LastingFault(log, clock, {
      fails: "State could not be saved",
      works: "State is saved again",
    });
    this.#refreshing = new LastingFault(log, clock, {
      fails: "Lock could not be refreshed",
      works: "Locks are refreshed again",
    });
  }

  /** A log for lines that end faults, as that a service answers again: what failed before is said before them. */
  get inOrder(): Log {
    return this.#gathered.inOrder;
  }

  pipeline({ name }: { readonly name: string }, event: PipelineEvent): void {
    switch (event.type) {
      case "state-save-failed":
        return this.#saving.failed(name, { reason: event.reason });
      case "state-saved":
        return this.#saving.worked(name);
      case "stream-stopped":
        this.#saving.forget(name);
        break;
      case "stream-failed":
        if (event.permanent) this.#needing.add(name);
        break;
      case "source-opened":
        this.#gathered.sayOf(name);
        break;
      case "reply-read":
        this.#needing.delete(name);
    }
    const log = this.#isFoundAgain(name, event) ? onDemand(this.#log) : undefined;
    logPipelineEvent(log ?? this.#logOf(event.type, name), name, event);
  }

  coordinate(event: CoordinateEvent): void {
    const name = "stream" in event ? nameOfKey(event.stream) : "";
    const instance = this.#instance;
    switch (event.type) {
      case "lock-refresh-failed":
        return this.#refreshing.failed(name, { ...coordinateFields(event), instance });
      case "lock-refreshed":
        return this.#refreshing.worked(name, { instance });
      case "lock-acquired":
        this.#gathered.sayOf(name);
        break;
      case "store-back":
        logCoordinateEvent(this.inOrder, instance, event);
        return;
      case "lock-lost":
      case "lock-released":
      case "lock-release-failed":
        this.#refreshing.forget(name);
    }
    logCoordinateEvent(this.#logOf(event.type, name), instance, event);
  }

  [Symbol.dispose](): void {
    this.#gathered[Symbol.dispose]();
  }

  #isFoundAgain(name: string, event: PipelineEvent): boolean {
    if (event.type === "genesis-written") this.#begun.add(name);
    if (event.type === "start-ignored" && this.#begun.has(name)) return true;
    if (!FINDINGS.has(event.type)) return false;
    // Where the journal says to go on is another place each time.
    const found = JSON.stringify({ ...event, position: undefined });
    const key = `${event.type} ${name}`;
    const isSame = this.#findings.get(key) === found;
    this.#findings.set(key, found);
    return isSame;
  }

  #logOf(type: string, name: string): Log {
    if (GATHERED.has(type)) return this.#gathered;
    if (!OF_TRIES.has(type) || !this.#needing.has(name)) return this.#log;
    return quieter(this.#log);
  }
}

/** What would be said is said on demand. */
function quieter(log: Log): Log {
  return {
    debug: (message, fields) => log.debug(message, fields),
    info: (message, fields) => log.debug(message, fields),
    warn: (message, fields) => log.warn(message, fields),
    error: (message, fields) => log.error(message, fields),
  };
}

/** What was said already is said on demand only. */
function onDemand(log: Log): Log {
  const debug = log.debug.bind(log);
  return { debug, info: debug, warn: debug, error: debug };
}
