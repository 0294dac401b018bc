import assert from "node:assert/strict";
import { decodeRecord } from "../../src/journal/record_codec.ts";
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
import type { StreamState } from "../../src/pipeline/stages.ts";
import { RECORDS_IN_FLIGHT_MAX } from "../../src/pipeline/stream_context.ts";
import { assertPartitionBegins, assertPartitionEnds } from "./layout_rules.ts";
import { assertLetters, assertObject, groupEvents } from "./object_rules.ts";
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

/** A journal as it has been seen to grow. */
export interface SeenJournal {
  readonly stream: Stream;
  readonly records: JournalRecord[];
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
  readonly #named = new Map<string, Named>();
  readonly #created = new Set<string>();
  readonly #voided = new Set<string>();
  readonly #events: TrueEvents;
  readonly #server: ServerView;

  constructor(events: TrueEvents, server: ServerView) {
    this.#events = events;
    this.#server = server;
  }

  /** Told of each object that was not there before. */
  created(key: string, bytes: Uint8Array): void {
    const record = /^_tributary\/streams\/([^/]+)\/(\d{16})\.json$/.exec(key);
    if (record !== null) this.#recordCreated(record[1]!, Number(record[2]), bytes, key);
    else if (key.endsWith(".intent.json")) this.#intents.add(key);
    else if (/^_tributary\/layout\/.*\/\d+\.json$/.test(key)) this.#layoutCreated(key, bytes);
    else if (key.startsWith("_tributary/start/")) this.#startCreated(key, bytes);
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
    return named && { stream: named.stream, seq: named.record.seq };
  }

  /** What is named and should be there, but is not. */
  missing(): string[] {
    return [...this.#named.keys()].filter((key) =>
      !this.#created.has(key) && !this.#voided.has(key)
    );
  }

  /** Asserts that all events of a stream's journal up to its end have landed or are accounted for. */
  assertWhole(): void {
    assert.deepEqual(this.missing(), [], "objects that records name are missing");
    const seen = new Map<string, string>();
    for (const [key, { events }] of this.#named) {
      if (this.#voided.has(key)) continue;
      for (const { data } of events) {
        const other = seen.get(data);
        assert(other === undefined, `event ${data} is in ${other} and in ${key}`);
        seen.set(data, key);
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
    if (before === undefined) return this.#genesisCreated(journal.stream, record as GenesisRecord);
    assert(before.kind !== "closed", `${key} comes after the end`);
    assert(samePosition(record.from, before.to), `${key} begins elsewhere`);
    const isForward = comparePositions(record.from, record.to) <= 0;
    assert(isForward || this.#isBackAtInvalidate(journal.stream, record), `${key} goes back`);
    assert(
      compareClusterTimes(record.to.operationTime, this.#server.operationTime) <= 0,
      `${key} reaches into the future`,
    );
    this.#checkContent(stream, journal, record, key);
    this.#checkDurable(stream, records, record, before);
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

  /** What is said to be durable is there. */
  #checkDurable(
    stream: string,
    records: readonly JournalRecord[],
    record: JournalRecord,
    before: JournalRecord,
  ): void {
    assert(record.durableThrough >= before.durableThrough, `${stream}: durableThrough goes back`);
    assert(record.durableThrough < record.seq, `${stream} ${record.seq}: durable before its time`);
    for (let seq = before.durableThrough + 1; seq <= record.durableThrough; seq++) {
      for (const key of keysOf(records[seq]!)) {
        const isThere = this.#created.has(key) || this.#voided.has(key);
        assert(isThere, `${stream} ${record.seq} says that ${key} is there`);
      }
    }
    const open = records.slice(record.durableThrough + 1).filter((each) =>
      keysOf(each).some((key) => !this.#created.has(key) && !this.#voided.has(key))
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
    const events = this.#events.between(journal.stream, record.from, record.to);
    switch (record.kind) {
      case "batch":
        return this.#batchCreated(stream, record, events, settingsOf(journal, record));
      case "gap":
        return assert(
          isLost(record.from, this.#server.oldestTime) &&
            compareClusterTimes(record.to.operationTime, this.#server.oldestTime) <= 0,
          `${key}: a gap where nothing was lost`,
        );
      case "void":
        return this.#voidCreated(journal, record);
      case "closed":
        assertPartitionEnds(journal.stream, record.to, this.#barriers);
        return assert.equal(events.length, 0, `${key} skips events`);
      default:
        return assert.equal(events.length, 0, `${key} (${record.kind}) skips events`);
    }
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
    assert(
      this.#intents.has(intent),
      `${key} was never intended: a stream may have gone beyond it`,
    );
    const { barrier } = JSON.parse(new TextDecoder().decode(bytes));
    this.#barriers.set(key.replace(/^_tributary\/layout\/|\.json$/g, ""), barrier);
  }

  #startCreated(key: string, bytes: Uint8Array): void {
    const { position } = JSON.parse(new TextDecoder().decode(bytes));
    this.#starts.set(key.replace(/^_tributary\/start\/|\.json$/g, ""), position);
  }

  #objectCreated(key: string, bytes: Uint8Array): void {
    const named = this.#named.get(key);
    assert(named !== undefined, `${key} is created and no record names it`);
    this.#created.add(key);
    assert.equal(bytes.length, named.bytes, `the size of ${key}`);
    if (named.isLetter) assertLetters(key, bytes, named.events);
    else assertObject(key, bytes, named.events);
  }
}

function settingsOf({ records }: SeenJournal, { settingsSeq }: JournalRecord): StreamSettings {
  const record = records[settingsSeq];
  assert(record?.kind === "genesis" || record?.kind === "settings", "settings of no record");
  return record.settings;
}

function keysOf(record: JournalRecord): string[] {
  if (!namesObjects(record)) return [];
  return [...record.objects, ...record.deadLetters].map(({ key }) => key);
}
