import assert from "node:assert/strict";
import { decodeRecord } from "../../src/journal/codec/record_codec.ts";
import { type ClusterTime, compareClusterTimes } from "../../src/model/cluster_time.ts";
import { comparePositions, type Position, samePosition } from "../../src/model/position.ts";
import {
  type BatchRecord,
  type GenesisRecord,
  type JournalRecord,
  namesObjects,
} from "../../src/model/record.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import { type Stream, targetKey } from "../../src/model/stream.ts";
import type { StreamState } from "../../src/pipeline/ports.ts";
import { RECORDS_IN_FLIGHT_MAX } from "../../src/pipeline/stream_context.ts";
import { assertPartitionBegins, assertPartitionEnds } from "./layout_rules.ts";
import { lets } from "./targets.ts";
import { assertLetters, assertObject, groupEvents } from "./object_rules.ts";
import { keysOf, type SeenJournal, settingsOf } from "./seen_journal.ts";
import type { RangeInspector } from "./range_inspector.ts";
import type { Rivalry } from "./rivalry.ts";
import { isLost, type TrueEvent, type TrueEvents } from "./true_events.ts";

/** What the inspector needs to know of the server. */
export interface ServerView {
  readonly operationTime: ClusterTime;
  readonly oldestTime: ClusterTime;
}

/** An object or dead letter file that a record names, and the events that must be in it. */
interface Named {
  readonly stream: string;
  readonly record: BatchRecord;
  readonly bytes: number;
  readonly events: readonly TrueEvent[];
  readonly isLetter: boolean;
}

/**
 * Looks at each thing at the moment it is created in the lake, and throws at the first that breaks the protocol. So what
 * is wrong is found where it happens, not where it is noticed.
 */
export class LakeInspector {
  readonly journals = new Map<string, SeenJournal>();
  /** Barriers by target and epoch. */
  readonly #barriers = new Map<string, Position>();
  /** Keys of the intents of layouts. */
  readonly #intents = new Set<string>();
  /** Start positions by target. */
  readonly #starts = new Map<string, Position>();
  /** Where targets end that were retired. */
  readonly #ends = new Map<string, Position>();
  #coverageStart: Position | undefined;
  readonly #named = new Map<string, Named>();
  readonly #created = new Set<string>();
  readonly #voided = new Set<string>();
  /** What a copy was made without. */
  readonly #lost = new Set<string>();
  #isCopying = false;
  readonly #events: TrueEvents;
  readonly #server: ServerView;
  readonly #rivalry: Rivalry;

  readonly ranges: RangeInspector;

  constructor(events: TrueEvents, server: ServerView, rivalry: Rivalry, ranges: RangeInspector) {
    this.ranges = ranges;
    this.#rivalry = rivalry;
    this.#events = events;
    this.#server = server;
  }

  /** Told of each object that was not there before. */
  created(key: string, bytes: Uint8Array): void {
    const record = /^_tributary\/streams\/([^/]+)\/(\d{16})\.json$/.exec(key);
    if (this.ranges.created(key, bytes)) return;
    if (record !== null) this.#recordCreated(record[1]!, Number(record[2]), bytes, key);
    else if (key.endsWith(".intent.json")) this.#intents.add(key);
    else if (/^_tributary\/layout\/.*\/\d+\.json$/.test(key)) this.#layoutCreated(key, bytes);
    else if (key.startsWith("_tributary/start/")) this.#startCreated(key, bytes);
    else if (key.startsWith("_tributary/selections/")) this.#coverageCreated(bytes);
    else if (!key.startsWith("_tributary/") || key.startsWith("_tributary/dead-letter/")) {
      this.#objectCreated(key, bytes);
    }
  }

  /** Told of each state before it is saved. */
  stateSaved(streamKey: string, state: StreamState): void {
    const records = this.journals.get(streamKey)?.records ?? [];
    const record = records[state.seq];
    assert(record !== undefined, `the state of ${streamKey} is ahead: ${state.seq}`);
    assert(samePosition(record.to, state.position), `the state of ${streamKey} is elsewhere`);
  }

  /** The record that names the object. */
  namedBy(key: string): { readonly stream: string; readonly seq: number } | undefined {
    const named = this.#named.get(key);
    if (named === undefined) return this.ranges.namedBy(key);
    return { stream: named.stream, seq: named.record.seq };
  }

  /** The journal of a stream or of a range. */
  recordsOf(key: string): readonly JournalRecord[] | undefined {
    return (this.journals.get(key) ?? this.ranges.ranges.get(key))?.records;
  }

  /** What is named and should be there, but is not. */
  missing(): string[] {
    return [...this.#named.keys()].filter((key) => !this.#isThere(key));
  }

  /** Where a target was first begun. */
  startOf(target: string): Position | undefined {
    return this.#starts.get(target);
  }

  /** Where a target ends that was retired; a stream of it may have gone further. */
  endOf(target: string): Position | undefined {
    const end = this.#ends.get(target);
    const closed = [...this.journals.values()].filter(({ stream }) => targetKey(stream) === target)
      .map(({ records }) => records.at(-1)!).filter(({ kind }) => kind === "closed");
    return end && closed.map(({ to }) => to).reduce(later, end);
  }

  /** From where all collections that a pattern fits are covered. */
  get coverageStart(): Position | undefined {
    return this.#coverageStart;
  }

  /** The events of a stream's journal that its records are about. */
  selectedEvents(stream: string): TrueEvent[] {
    const journal = this.journals.get(stream);
    return journal?.records.flatMap((record) => this.#selected(journal, record)) ?? [];
  }

  /** What should lie in objects that were given up, or that a copy was made without. */
  givenUpEvents(): TrueEvent[] {
    return [...this.#voided, ...this.#lost].flatMap((key) => this.#named.get(key)?.events ?? []);
  }

  /** The records of a stream, one for each object, that are said to be durable and came without it. */
  lostOf(stream: string): number[] {
    const named = [...this.#lost].map((key) => this.#named.get(key)!);
    return named.filter((each) => each.stream === stream).map(({ record }) => record.seq);
  }

  /** Takes over a lake that was copied. What its records say was true where they were made; objects may lack records. */
  takeOver(objects: ReadonlyMap<string, Uint8Array>): void {
    this.#isCopying = true;
    const keys = [...objects.keys()].sort((a, b) =>
      copyOrder(a) - copyOrder(b) || (a < b ? -1 : 1)
    );
    for (const key of keys) this.created(key, objects.get(key)!);
    this.#isCopying = false;
    for (const { records } of this.journals.values()) {
      const { durableThrough } = records.at(-1)!;
      for (const key of records.slice(0, durableThrough + 1).flatMap(keysOf)) {
        if (!this.#isThere(key)) this.#lost.add(key);
      }
    }
  }

  /** Asserts that all events of a stream's journal up to its end have landed or are accounted for. */
  assertWhole(): void {
    assert.deepEqual(this.missing(), [], "objects that records name are missing");
    const seen = new Map<string, string>();
    for (const [key, { events, stream }] of this.#named) {
      if (this.#voided.has(key) || this.#lost.has(key)) continue;
      const target = targetKey(this.journals.get(stream)!.stream);
      for (const { data } of events) {
        const other = seen.get(`${target} ${data}`);
        assert(other === undefined, `event ${data} is in ${other} and in ${key}`);
        seen.set(`${target} ${data}`, key);
      }
    }
  }

  #recordCreated(stream: string, seq: number, bytes: Uint8Array, key: string): void {
    const record = decodeRecord(bytes, key);
    const journal = this.#journalOf(stream, record);
    const { records } = journal;
    assert.equal(seq, records.length, `${key} leaves a hole`);
    assert.equal(record.seq, seq);
    const before = records.at(-1);
    records.push(record);
    if (this.#isCopying) return this.#recordCopied(stream, journal, record);
    if (before === undefined) return this.#genesisCreated(journal.stream, record as GenesisRecord);
    assert(before.kind !== "closed", `${key} comes after the end`);
    assert(samePosition(record.from, before.to), `${key} begins elsewhere`);
    const isForward = comparePositions(record.from, record.to) <= 0;
    assert(isForward || this.#isBackAtInvalidate(journal.stream, record), `${key} goes back`);
    assert(
      compareClusterTimes(record.to.operationTime, this.#server.operationTime) <= 0,
      `${key} reaches into the future`,
    );
    this.#rivalry.recordCreated(stream, record, settingsOf(journal, record).namespaces);
    this.#checkContent(stream, journal, record, key);
    this.#checkDurable(stream, records, record, before);
  }

  #recordCopied(stream: string, journal: SeenJournal, record: JournalRecord): void {
    if (record.kind === "void") { for (const { key } of record.objects) this.#voided.add(key); }
    if (record.kind !== "batch") return;
    this.#batchCreated(
      stream,
      record,
      this.#selected(journal, record),
      settingsOf(journal, record),
    );
  }

  /** A stream that begins just after a drop meets its invalidate, and nothing else, once more. */
  #isBackAtInvalidate(stream: Stream, { kind, from, to }: JournalRecord): boolean {
    return kind === "reopened" &&
      compareClusterTimes(from.operationTime, to.operationTime) === 0 &&
      this.#events.between(stream, to, from).length === 0;
  }

  #journalOf(key: string, record: JournalRecord): SeenJournal {
    const known = this.journals.get(key);
    if (known !== undefined) return known;
    assert.equal(record.kind, "genesis", `the first record of ${key}`);
    const journal = { stream: (record as GenesisRecord).stream, records: [] };
    this.journals.set(key, journal);
    return journal;
  }

  #genesisCreated(stream: Stream, record: GenesisRecord): void {
    assert(samePosition(record.from, record.to));
    const isPartition = stream.level === "collection" && stream.partition !== undefined;
    const start = this.#starts.get(targetKey(stream));
    if (!isPartition) {
      assert(start !== undefined && samePosition(start, record.to), "a genesis begins elsewhere");
    }
    assertPartitionBegins(stream, record.to, this.#barriers, this.journals);
  }

  #isThere(key: string): boolean {
    return this.#created.has(key) || this.#voided.has(key) || this.#lost.has(key);
  }

  /** What is said to be durable is there. */
  #checkDurable(
    stream: string,
    records: readonly JournalRecord[],
    record: JournalRecord,
    before: JournalRecord,
  ): void {
    assert(record.durableThrough >= before.durableThrough, `${stream}: durableThrough goes back`);
    // Only who says farewell counts a record itself, and that names nothing.
    const isEarly = record.durableThrough - record.seq > (namesObjects(record) ? -1 : 0);
    assert(!isEarly, `${stream} ${record.seq}: durable before its time`);
    for (let seq = before.durableThrough + 1; seq <= record.durableThrough; seq++) {
      for (const key of keysOf(records[seq]!)) {
        assert(this.#isThere(key), `${stream} ${record.seq} says that ${key} is there`);
      }
    }
    const open = records.slice(record.durableThrough + 1).filter((each) =>
      keysOf(each).some((key) => !this.#isThere(key))
    );
    assert(
      open.length <= RECORDS_IN_FLIGHT_MAX,
      `${stream} ${record.seq}: ${open.length} records are open`,
    );
  }

  #checkContent(
    stream: string,
    journal: SeenJournal,
    record: JournalRecord,
    key: string,
  ): void {
    const events = this.#selected(journal, record);
    switch (record.kind) {
      case "batch":
        return this.#batchCreated(stream, record, events, settingsOf(journal, record));
      case "gap":
        return assert(
          record.owner.startsWith("operator-") || isLost(record.from, this.#server.oldestTime) &&
              (compareClusterTimes(record.to.operationTime, this.#server.oldestTime) <= 0 ||
                // Who loses again and again goes on a little later than it has to.
                journal.records[record.seq - 1]?.kind === "gap"),
          `${key}: a gap where nothing was lost`,
        );
      case "void":
        return this.#voidCreated(journal, record);
      case "closed":
        assertPartitionEnds(
          journal,
          record.to,
          this.#barriers,
          this.#ends.has(targetKey(journal.stream)),
        );
        return assert.equal(events.length, 0, `${key} skips events`);
      default:
        return assert.equal(events.length, 0, `${key} (${record.kind}) skips events`);
    }
  }

  #selected(journal: SeenJournal, record: JournalRecord): TrueEvent[] {
    const { namespaces, reading } = settingsOf(journal, record);
    return this.#events.between(journal.stream, record.from, record.to)
      .filter(({ database, collection, isInvalidate }) =>
        lets(namespaces, database, collection) && !(isInvalidate && reading === "namespace")
      );
  }

  #batchCreated(
    stream: string,
    record: BatchRecord,
    events: readonly TrueEvent[],
    settings: StreamSettings,
  ): void {
    const letters = new Set(record.deadLetters.flatMap((l) => l.events.map((e) => e.data)));
    const dead = events.filter(({ data }) => letters.has(data));
    assert.equal(dead.length, letters.size, `${stream} ${record.seq}: letters of other events`);
    assert(
      dead.every(({ isBroken }) => isBroken),
      `${stream} ${record.seq}: a letter without need`,
    );
    const groups = groupEvents(events.filter(({ data }) => !letters.has(data)), settings.keyRule);
    const name = (key: string, named: Omit<Named, "stream" | "record">) => {
      assert(!this.#named.has(key), `${key} is named twice`);
      this.#named.set(key, { ...named, stream, record });
    };
    for (const { key, database, collection, bucket, rows, bytes } of record.objects) {
      const id = JSON.stringify([database, collection, bucket]);
      const group = groups.get(id) ?? [];
      groups.delete(id);
      assert.equal(rows, group.length, `${stream} ${record.seq}: rows of ${key}`);
      name(key, { bytes, events: group, isLetter: false });
    }
    assert.deepEqual([...groups.keys()], [], `${stream} ${record.seq} loses events`);
    for (const { key, bytes } of record.deadLetters) {
      name(key, { bytes, events: dead, isLetter: true });
    }
  }

  #voidCreated(journal: SeenJournal, record: Extract<JournalRecord, { kind: "void" }>): void {
    for (const { seq, key } of record.objects) {
      const voided = journal.records[seq];
      assert(voided !== undefined && keysOf(voided).includes(key), `void of unknown ${key}`);
      assert(isLost(voided.from, this.#server.oldestTime), `${key} is given up without need`);
      this.#voided.add(key);
    }
  }

  #layoutCreated(key: string, bytes: Uint8Array): void {
    const intent = key.replace(/\.json$/, ".intent.json");
    const { barrier, of } = JSON.parse(new TextDecoder().decode(bytes));
    // The common end of several targets may be known before it is intended; nobody looks at it until then.
    assert(
      of === 0 || this.#intents.has(intent),
      `${key} was never intended: a stream may have gone beyond it`,
    );
    const place = key.replace(/^_tributary\/layout\/|\.json$/g, "");
    this.#barriers.set(place, barrier);
    if (of === 0) this.#ends.set(place.replace(/\/\d+$/, ""), barrier);
  }

  #startCreated(key: string, bytes: Uint8Array): void {
    const { position } = JSON.parse(new TextDecoder().decode(bytes));
    const target = key.replace(/^_tributary\/start\/|\.json$/g, "");
    this.#starts.set(target, position);
    this.ranges.targetBegins(target, position);
  }

  #coverageCreated(bytes: Uint8Array): void {
    const { start } = JSON.parse(new TextDecoder().decode(bytes));
    this.#coverageStart ??= start;
    assert(samePosition(start, this.#coverageStart!), "the coverage begins elsewhere now");
  }

  #objectCreated(key: string, bytes: Uint8Array): void {
    const named = this.#named.get(key);
    if (named === undefined && this.#isCopying) return;
    assert(named !== undefined, `${key} is created and no record names it`);
    this.#created.add(key);
    assert.equal(bytes.length, named.bytes, `the size of ${key}`);
    if (named.isLetter) assertLetters(key, bytes, named.events);
    else assertObject(key, bytes, named.events);
  }
}

function later(a: Position, b: Position): Position {
  return comparePositions(a, b) >= 0 ? a : b;
}

/** What tells of something comes before it. */
function copyOrder(key: string): number {
  if (/^_tributary\/(start|layout)\//.test(key)) return key.endsWith(".intent.json") ? 0 : 1;
  return key.startsWith("_tributary/streams/") ? 2 : 3;
}
