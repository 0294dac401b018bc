import assert from "node:assert/strict";
import { streamParts } from "../../src/app/stream_parts.ts";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { createObjectCoverage } from "../../src/journal/object_coverage.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import { walkJournal } from "../../src/journal/verify/verify.ts";
import { objectInspector } from "../../src/encode/inspect_object.ts";
import type { BatchRecord, JournalRecord } from "../../src/model/record.ts";
import { rangeKey, type SnapshotPlan } from "../../src/model/snapshot.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import { RANGE_FORMAT } from "../../src/pipeline/record/record_format.ts";
import type { Encoder } from "../../src/pipeline/ports.ts";
import { RangeSuspicion } from "../../src/pipeline/snapshot/range_suspicion.ts";
import { runRange } from "../../src/pipeline/snapshot/range_run.ts";
import { createObjectSink } from "../../src/sink/object_sink.ts";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import { LakeWorld, OPTIONS, ORDERS, SETTINGS } from "./lake_world.ts";
import { ManualLease } from "./manual_lease.ts";
import { MemoryDocuments } from "./memory_documents.ts";
import { createMemoryNamespaces } from "./memory_namespaces.ts";
import { Outside } from "./outside.ts";

/** A world in which one range of a snapshot is read, of the collections `orders` and `items`. */
export class RangeWorld {
  readonly world: LakeWorld;
  readonly documents: MemoryDocuments;
  readonly plan: SnapshotPlan;
  readonly key: string;
  /** The records that some copy knows to be in the journal. */
  readonly appended = new Set<number>();
  #copies = 0;

  constructor(count = 11, settings: StreamSettings = SETTINGS) {
    this.world = new LakeWorld();
    this.documents = new MemoryDocuments(this.world.oplog.operationTime);
    const documents = Array.from({ length: count }, (_, i) => ({ _id: i + 1, value: 0 }));
    this.documents.set("orders", documents);
    this.documents.set("items", documents.slice(0, 3));
    this.plan = {
      ...{ v: 1, id: "collection.shop.orders.initial", stream: ORDERS },
      ...{ floor: this.documents.now, settings, documents: count, leftOut: [] },
      ranges: [{ pieces: ["orders", "items"].map((name) => this.documents.piece(name)) }],
      writtenAt: "2026-11-20T17:00:00Z",
    };
    this.key = rangeKey(this.plan.id, 1, 1);
  }

  /** Changes the collection as its users do: one document each is new, another, and gone. */
  change(): void {
    const [first, second, ...rest] = this.documents.documents("orders");
    const id = (rest.at(-1)?._id ?? 0) + 1;
    const changed = { ...second!, value: second!.value + 1 };
    this.documents.set("orders", [changed, ...rest, { _id: id, value: 0 }]);
    void first;
  }

  copy(settings: Partial<StreamSettings> = {}): RangeCopy {
    return new RangeCopy(this, ++this.#copies, { ...this.plan.settings, ...settings });
  }

  async records(): Promise<JournalRecord[]> {
    const records: JournalRecord[] = [];
    for (;;) {
      const record = await this.world.journal.read(this.key, records.length);
      if (record === undefined) return records;
      records.push(record);
    }
  }

  async chunks(): Promise<BatchRecord[]> {
    return (await this.records()).filter((record) => record.kind === "batch");
  }

  /** Of each row in the lake: its collection, `_id` and token. */
  async rows(): Promise<{ name: string; id: number; token: string }[]> {
    const { destination } = this.world;
    const keys = await destination.list("db=", { limit: 10_000 });
    const texts = await Promise.all(keys.map(async (key) => {
      return new TextDecoder().decode((await destination.get(key))!);
    }));
    return texts.flatMap((text) => text.split("\n")).filter((line) => line !== "").map((line) => {
      const { collection, document_key, resume_token } = JSON.parse(line);
      return { name: collection, id: document_key._id, token: resume_token };
    });
  }

  /** Each of the documents that were there all the time has one row; none has two; the journal is whole, and says so. */
  async assertComplete(stayed: readonly number[]): Promise<void> {
    const rows = await this.rows();
    const texts = rows.map(({ name, id }) => `${name} ${id}`);
    assert.deepEqual(texts.filter((text, i) => texts.indexOf(text) !== i), [], "rows twice");
    for (const id of stayed) assert(texts.includes(`orders ${id}`), `no row of ${id}`);
    assert.equal(new Set(rows.map(({ token }) => token)).size, rows.length, "tokens twice");
    const records = await this.records();
    assert.equal(records.at(-1)?.kind, "closed");
    assert.deepEqual(await this.holes(), []);
  }

  /** What `verify` finds. */
  async holes(): Promise<readonly unknown[]> {
    return (await this.#walk()).report.holes;
  }

  async #walk() {
    const { destination, journal, clock } = this.world;
    return await walkJournal({
      ...{ journal, clock, lake: destination, destination },
      inspect: objectInspector(destination),
      depth: "everything",
    }, this.key);
  }
}

/** A copy of the program that runs the range. */
export class RangeCopy {
  readonly outside: Outside;
  readonly lease: ManualLease;
  readonly stop = new AbortController();
  readonly cancel = new AbortController();
  /** Told of each chunk whose object is there. */
  stored: (seq: number) => void = () => {};
  /** In place of the usual one. */
  encoder: Encoder | undefined;
  readonly #suspicion = new RangeSuspicion();
  readonly #parts: RangeWorld;
  readonly #settings: StreamSettings;

  constructor(parts: RangeWorld, number: number, settings: StreamSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.outside = new Outside(parts.world.clock);
    this.lease = new ManualLease(`copy-${number}`, number);
  }

  /** Runs until it is closed, or fails. */
  async run(): Promise<"stopped" | "closed"> {
    const { world, documents, plan, key } = this.#parts;
    const { outside } = this;
    const lake = outside.wrap("destination", world.destination);
    const parts = streamParts({
      source: outside.wrapSource(createMemorySource(world)),
      namespaces: createMemoryNamespaces(world.oplog, world.clock),
      sink: createObjectSink(lake),
      journal: createObjectJournal(lake),
      layouts: createObjectLayouts(lake),
      coverage: createObjectCoverage(lake),
      state: world.state,
      clock: outside.clock,
      random: world.random,
    }, {
      ...{ memoryBudgetBytes: 64 << 20, openingsMax: 8, redosMax: 8 },
      recordFormat: "auto",
    });
    return await runRange(
      {
        ...{ ...parts, key, stream: ORDERS, settings: this.#settings, options: OPTIONS },
        ...{ recordFormat: RANGE_FORMAT, range: { plan, index: 1, cancelled: this.cancel.signal } },
        documents: {
          survey: () => documents.survey(),
          divide: () => documents.divide(),
          findAny: (request) => documents.findAny(request),
          open: async (request) => outside.wrap("documents", await documents.open(request)),
        },
        encoder: this.encoder ?? createInlineEncoder(outside.clock),
        observe: (event) => {
          if (event.type === "record-appended") this.#parts.appended.add(event.seq);
          if (event.type === "batch-durable") this.stored(event.seq);
        },
      },
      this.lease,
      this.stop.signal,
      this.#suspicion,
    );
  }

  /** Runs again after each failure, as whoever supervises it does, until it is closed. */
  async runToEnd(): Promise<void> {
    const { clock } = this.#parts.world;
    for (let tries = 1;; tries++) {
      let outcome: string | undefined;
      this.run().then((value) => outcome = value, (error: Error) => outcome = error.message);
      await clock.until(() => outcome !== undefined || this.outside.isKilled);
      if (outcome === "closed" || this.outside.isKilled) return;
      if (tries === 5) throw new Error(`The range does not end: ${outcome}`);
    }
  }
}
