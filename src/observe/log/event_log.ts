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

/** What each try of a stream says before it is known whether it helps, and what its end says. */
const OF_TRIES: ReadonlySet<string> = new Set<PipelineEvent["type"] | CoordinateEvent["type"]>([
  ...["stream-started", "stream-stopped", "journal-opened"] as const,
  ...["lock-acquired", "lock-released"] as const,
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
  /** Streams that failed, until they have stored something; whether the last try had come as far as reading. */
  readonly #failing = new Map<string, { hasRead: boolean }>();
  /** Streams that read since their last failure. */
  readonly #reading = new Set<string>();
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
        this.#reading.delete(name);
        break;
      case "stream-failed":
        this.#failing.set(name, { hasRead: this.#reading.delete(name) });
        break;
      case "source-opened":
        if (!this.#isReadAgain(name, event)) this.#gathered.sayOf(name);
        this.#reading.add(name);
        break;
      case "record-appended":
      case "batch-durable":
        this.#failing.delete(name);
    }
    const isOld = this.#isFoundAgain(name, event) || this.#isReadAgain(name, event);
    const log = isOld ? onDemand(this.#log) : this.#logOf(event.type, name);
    logPipelineEvent(log, name, event);
  }

  coordinate(event: CoordinateEvent): void {
    const name = "stream" in event ? nameOfKey(event.stream) : "";
    const instance = this.#instance;
    switch (event.type) {
      case "lock-refresh-failed":
        return this.#refreshing.failed(name, { ...coordinateFields(event), instance });
      case "locks-refreshed":
        if (!this.#refreshing.isLasting) return;
        for (const key of event.streams) this.#refreshing.worked(nameOfKey(key), { instance });
        return;
      case "lock-acquired":
        if (!this.#failing.has(name)) this.#gathered.sayOf(name);
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

  /** Who failed behind the reading gets no further by reading again. */
  #isReadAgain(name: string, event: PipelineEvent): boolean {
    return event.type === "source-opened" && this.#failing.get(name)?.hasRead === true;
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
    if (!OF_TRIES.has(type) || !this.#failing.has(name)) return this.#log;
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
