import assert from "node:assert/strict";
import { type StreamLimits, streamParts } from "../../src/app/stream_parts.ts";
import { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { createObjectCoverage } from "../../src/journal/object_coverage.ts";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import type { JournalRecord } from "../../src/model/record.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import { type Stream, streamKey } from "../../src/model/stream.ts";
import type { PipelineEvent } from "../../src/pipeline/events.ts";
import type { MemoryBudget } from "../../src/pipeline/read/memory_budget.ts";
import { runStream } from "../../src/pipeline/run/run_stream.ts";
import type { Encoder, Journal, Source, StateStore } from "../../src/pipeline/ports.ts";
import type { StreamContext, StreamOptions } from "../../src/pipeline/stream_context.ts";
import { AS_BEFORE, type RecordFormat } from "../../src/pipeline/record/record_format.ts";
import type { StreamRun } from "../../src/pipeline/run/stream_run.ts";
import { type SupervisedStream, superviseStream } from "../../src/pipeline/run/supervise_stream.ts";
import { Suspicion } from "../../src/pipeline/batch/poison_search.ts";
import { MemoryOplog } from "../../src/source/memory/memory_oplog.ts";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import { isNamespaceWanted } from "../../src/model/namespace_filter.ts";
import { createObjectSink } from "../../src/sink/object_sink.ts";
import { createMemoryState } from "../../src/state/memory_state.ts";
import { ManualLease } from "./manual_lease.ts";
import { createMemoryNamespaces } from "./memory_namespaces.ts";
import { Outside } from "./outside.ts";
import { SeededRandom } from "./seeded_random.ts";
import { VirtualClock } from "./virtual_clock.ts";

export const ORDERS: Stream = { level: "collection", database: "shop", collection: "orders" };

/** The oplog begins at 2026-11-20 17:00 UTC. */
export const OPLOG_SECONDS_FIRST = 1_795_194_000;

export const SETTINGS: StreamSettings = {
  fullDocument: "off",
  fullDocumentBeforeChange: "off",
  namespaces: { include: [], exclude: [] },
  stages: [],
  encoding: { format: "jsonl", compression: "none", jsonMode: "relaxed" },
  keyRule: { template: "db={db}/coll={coll}/{yyyy}-{MM}-{dd}/{HH}/", bucket: "hour" },
  encoderVersion: 1,
};

export const OPTIONS: StreamOptions = {
  batch: { rowsMax: 4, bytesMax: 1 << 20, objectsMax: 1000 },
  batchAgeMsMax: 2000,
  startFrom: { kind: "earliest" },
  onHistoryLost: "fail",
  uploadsInFlightMax: 4,
  encodesInFlightMax: 2,
  // Small, so that objects begin before their batch is cut.
  encodeAheadBytesMin: 600,
  heartbeatMsMax: 60_000,
  turnMsMax: 1000,
  retry: { firstMs: 100, maxMs: 1000 },
};

const LIMITS: StreamLimits = {
  ...{ memoryBudgetBytes: 64 << 20, openingsMax: 8, redosMax: 8 },
  recordFormat: "auto",
};

/** What outlives a copy of the program: a server with its oplog, a lake, a state store, and time. */
export class LakeWorld {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly oplog: MemoryOplog;
  destination = new MemoryDestination();
  journal: Journal = createObjectJournal(this.destination);
  #apart: MemoryDestination | undefined;
  state: StateStore = createMemoryState();
  #instances = 0;
  #changes = 0;

  constructor(seed = 1, oplog = new MemoryOplog({ t: OPLOG_SECONDS_FIRST, i: 1 })) {
    this.random = new SeededRandom(seed);
    this.oplog = oplog;
  }

  /** Where records and the like lie. */
  get lake(): MemoryDestination {
    return this.#apart ?? this.destination;
  }

  /** From now on, records and the like lie in a store of their own; to be called while there are none. */
  partJournal(): void {
    this.#apart = new MemoryDestination();
    this.journal = createObjectJournal(this.#apart);
  }

  /** Inserts that many documents into a collection. */
  insert(count: number, collection = "orders", database = "shop"): void {
    for (let i = 0; i < count; i++) {
      const number = ++this.#changes;
      this.oplog.append({
        operation: "insert",
        database,
        collection,
        fullDocument: { number },
      });
    }
  }

  /** The server's clock moves on without changes. */
  pass(seconds: number): void {
    this.oplog.advanceTo({ t: this.oplog.operationTime.t + seconds, i: 1 });
  }

  /** Somebody deletes objects from the lake, as a lifecycle rule does. */
  async lose(isLost: (key: string) => boolean): Promise<void> {
    const rest = new MemoryDestination();
    for (const key of await this.destination.list("", { limit: Number.MAX_SAFE_INTEGER })) {
      if (!isLost(key)) await rest.putIfAbsent(key, (await this.destination.get(key))!);
    }
    this.destination = rest;
    this.journal = createObjectJournal(this.lake);
  }

  /** Starts a copy of the program, which does nothing yet. */
  instance(choice: InstanceChoice = {}): Instance {
    return new Instance(this, ++this.#instances, choice);
  }

  /** All records of a stream, in order. */
  async records(stream: Stream = ORDERS): Promise<JournalRecord[]> {
    const records: JournalRecord[] = [];
    for (;;) {
      const record = await this.journal.read(streamKey(stream), records.length);
      if (record === undefined) return records;
      records.push(record);
    }
  }
}

/** What differs from the usual in one copy of the program. */
export interface InstanceChoice {
  readonly stream?: Stream;
  readonly settings?: Partial<StreamSettings>;
  readonly options?: Partial<StreamOptions>;
  readonly lease?: ManualLease;
  readonly encoder?: Encoder;
  readonly source?: Source;
  readonly state?: StateStore;
  readonly budget?: MemoryBudget;
  readonly recordFormat?: RecordFormat;
  /** How long each call to the outside takes, each way. */
  readonly latencyMs?: () => number;
}

/** A running copy of the program with one stream. */
export class Instance {
  readonly world: LakeWorld;
  readonly outside: Outside;
  readonly lease: ManualLease;
  readonly context: StreamContext;
  readonly suspicion = new Suspicion();
  readonly events: PipelineEvent[] = [];
  readonly stopping = new AbortController();
  /** The run that reads now. */
  current: StreamRun | undefined;
  /** How the last run ended, if it did not fail. */
  outcome: "stopped" | "closed" | undefined;

  readonly #hasOwnBudget: boolean;

  constructor(world: LakeWorld, number: number, choice: InstanceChoice) {
    this.world = world;
    this.#hasOwnBudget = choice.budget === undefined;
    this.outside = new Outside(world.clock, choice.latencyMs);
    const { outside } = this;
    const { clock } = outside;
    this.lease = choice.lease ?? new ManualLease(`instance-${number}`, number);
    const source = choice.source ?? createMemorySource({ oplog: world.oplog, clock: world.clock });
    const destination = outside.wrap("destination", world.destination);
    const lake = outside.wrap("destination", world.lake);
    const stream = choice.stream ?? ORDERS;
    const parts = streamParts({
      source: outside.wrapSource(source),
      namespaces: createMemoryNamespaces(world.oplog, world.clock),
      sink: createObjectSink(destination),
      // The journal's own calls pass outside as well, so that each of them can fail.
      journal: createObjectJournal(lake),
      layouts: createObjectLayouts(lake),
      coverage: createObjectCoverage(lake),
      state: outside.wrap("state", choice.state ?? world.state),
      clock,
      random: world.random,
    }, LIMITS);
    this.context = {
      ...parts,
      stream,
      key: streamKey(stream),
      settings: { ...SETTINGS, ...choice.settings },
      options: { ...OPTIONS, ...choice.options },
      encoder: choice.encoder ?? createInlineEncoder(clock),
      recordFormat: choice.recordFormat ?? AS_BEFORE,
      budget: choice.budget ?? parts.budget,
      observe: (event) => void this.events.push(event),
    };
  }

  /** One run, until `stop` or a failure. However it ends, it has given back all that it held of the budget. */
  async run(): Promise<void> {
    const opened = (run: StreamRun) => void (this.current = run);
    const { context, lease, stopping, suspicion } = this;
    try {
      this.outcome = await runStream(context, lease, stopping.signal, suspicion, opened);
    } finally {
      if (this.#hasOwnBudget) assert.equal(context.budget.usedBytes, 0, "a run keeps bytes");
    }
  }

  /** Runs again after each failure, until `stop`. */
  supervise(): SupervisedStream {
    const { context, lease, stopping } = this;
    const changed = () => void (this.current = supervised.run as StreamRun | undefined);
    const supervised = superviseStream(() => context, lease, stopping.signal, changed);
    return supervised;
  }

  stop(): void {
    this.stopping.abort(new DOMException("The test is over", "AbortError"));
  }

  /** Runs until everything in the oplog is stored, and stops cleanly. */
  async runToEnd(): Promise<void> {
    const { clock } = this.world;
    const running = this.run();
    let ended = false;
    const end = () => ended = true;
    running.then(end, end);
    await clock.until(() => ended || this.isCaughtUp());
    this.stop();
    await clock.finish(running);
  }

  /** Whether all that the server has is read. */
  isCaughtUp(): boolean {
    const time = this.current?.position.operationTime;
    const { t, i } = this.world.oplog.operationTime;
    return time !== undefined && (time.t > t || (time.t === t && time.i >= i));
  }

  /** Whether the last change of the oplog that is wanted is in an object. */
  isStored(): boolean {
    const { namespaces } = this.context.settings;
    const last = this.world.oplog.entries.findLast(({ change: { database, collection } }) =>
      collection === undefined || isNamespaceWanted(namespaces, `${database}.${collection}`)
    );
    const durable = this.eventsOf("batch-durable").at(-1);
    return last === undefined || (durable !== undefined && durable.to.data >= last.data);
  }

  /** What was observed of this type, in order. */
  eventsOf<T extends PipelineEvent["type"]>(type: T): Extract<PipelineEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<
      PipelineEvent,
      { type: T }
    >[];
  }
}
