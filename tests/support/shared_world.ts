import assert from "node:assert/strict";
import { ObjectId } from "mongodb";
import { UnreadableEventError } from "../../src/model/errors.ts";
import { comparePositions, type Position, positionAt } from "../../src/model/position.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import type { NamespaceName } from "../../src/pipeline/namespaces.ts";
import type { EventCursor, OpenRequest, SourceReply } from "../../src/pipeline/ports.ts";
import { MemoryBudget } from "../../src/pipeline/read/memory_budget.ts";
import {
  type MemoryChange,
  type MemoryEntry,
  MemoryOplog,
} from "../../src/source/memory/memory_oplog.ts";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import type { GroupSource } from "../../src/source/shared/group_source.ts";
import {
  createSharedSource,
  type SharedReadingEvent,
  type SharedSource,
} from "../../src/source/shared/shared_source.ts";
import { sleep } from "../../src/support/clock.ts";
import { eventsOf, PLAIN_SETTINGS } from "../contract/source_contract.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** A change stream that was opened, as the server sees it. */
export interface Opening {
  /** `collection`, `database shop`, `deployment`. */
  readonly form: string;
  /** The names that it is asked for, `db.coll`. */
  readonly names: readonly string[];
  readonly from: Position;
  isOpen: boolean;
}

/** What the server does to whoever opens or reads; what is thrown is what it answers. */
export interface ServerFaults {
  opening?(opening: Opening): void | Promise<void>;
  reading?(opening: Opening): void | Promise<void>;
  /** May change a reply. */
  replied?(opening: Opening, reply: SourceReply): SourceReply;
  admit?(request: OpenRequest): Error | undefined;
  /** Whether the user may not read a change stream of this form. */
  denies?(form: string): boolean;
}

export interface SharedWorldOptions {
  readonly limitBytes?: number;
  readonly awaitMs?: number;
}

const START = { t: 1_795_194_000, i: 1 };
const OPENING_MS = 20;

const never = new AbortController().signal;

/** A server in memory, the shared reader before it, and a look at what goes between them. */
export class SharedWorld {
  readonly clock = new VirtualClock();
  readonly oplog = new MemoryOplog(START);
  readonly budget: MemoryBudget;
  readonly shared: SharedSource;
  readonly openings: Opening[] = [];
  readonly told: SharedReadingEvent[] = [];
  faults: ServerFaults = {};
  #documents = 0;

  constructor({ limitBytes = 1 << 20, awaitMs = 1000 }: SharedWorldOptions = {}) {
    this.budget = new MemoryBudget(limitBytes);
    const { clock, oplog } = this;
    this.shared = createSharedSource(this.#watched(createMemorySource({ clock, oplog, awaitMs })), {
      ...{ clock, room: this.budget },
      observe: (event) => {
        // That a server answers is no remark.
        if (event.type !== "group-read") this.told.push(event);
      },
    });
  }

  get start(): Position {
    return positionAt(START);
  }

  /** Just behind everything. */
  get here(): Position {
    const last = this.oplog.entries.at(-1);
    return last === undefined ? this.start : { operationTime: last.time, data: last.data };
  }

  /** Change streams that are open now. */
  get open(): Opening[] {
    return this.openings.filter(({ isOpen }) => isOpen);
  }

  insert(count: number, collection: string, database = "shop", bytes = 10): void {
    for (let i = 0; i < count; i++) {
      const id = new ObjectId((++this.#documents).toString(16).padStart(24, "0"));
      const fullDocument = { text: "x".repeat(bytes) };
      this.append({ operation: "insert", database, collection, id, fullDocument });
    }
  }

  append(change: MemoryChange): void {
    this.oplog.append(change);
  }

  drop(collection: string): void {
    this.append({ operation: "drop", database: "shop", collection });
  }

  rename(collection: string, to: string): void {
    this.append({ operation: "rename", database: "shop", collection, to });
  }

  dropDatabase(database: string, collections: readonly string[]): void {
    for (const collection of collections) this.append({ operation: "drop", database, collection });
    this.append({ operation: "dropDatabase", database });
  }

  /** The server's clock moves on without changes. */
  pass(seconds: number): void {
    this.oplog.advanceTo({ t: this.oplog.operationTime.t + seconds, i: 1 });
  }

  /** What happened to a collection, also the renames onto it. */
  entriesOf({ database, collection }: NamespaceName): MemoryEntry[] {
    return this.oplog.entries.filter(({ change }) =>
      change.database === database && [change.collection, change.to].includes(collection)
    );
  }

  /** A stream that begins now to read `collection`. */
  read(collection: string, choice: ReaderChoice = {}): Reader {
    return new Reader(this, { database: choice.database ?? "shop", collection }, choice);
  }

  /** Lets all read until each has what there is, and looks whether it has. */
  async settle(readers: readonly Reader[]): Promise<void> {
    this.pass(1);
    const { operationTime } = this.oplog;
    const isThere = ({ mark }: Reader) => comparePositions(mark, positionAt(operationTime)) >= 0;
    await this.clock.until(() => readers.every(isThere));
    for (const reader of readers) reader.assertWhole();
  }

  /** Everything is given back when all have gone. */
  async end(readers: readonly Reader[]): Promise<void> {
    await this.clock.finish(Promise.all(readers.map((each) => each.close())));
    await this.clock.advance(2000);
    assert.equal(this.budget.usedBytes, 0, "bytes of the budget are kept");
    assert.deepEqual(this.open, [], "change streams are left open");
    assert.deepEqual(this.shared.readers(), []);
    assert.equal(this.clock.timerCount, 0, "timers are left");
  }

  #watched(source: GroupSource): GroupSource {
    const watch = async (
      form: string,
      names: readonly NamespaceName[],
      from: Position,
      open: () => Promise<EventCursor | undefined>,
    ) => {
      const opening: Opening = {
        ...{ form, from, isOpen: false },
        names: names.map(({ database, collection }) => `${database}.${collection}`),
      };
      this.openings.push(opening);
      await sleep(this.clock, OPENING_MS, never);
      await this.faults.opening?.(opening);
      if (this.faults.denies?.(form) === true) return undefined;
      const cursor = await open();
      if (cursor === undefined) return undefined;
      opening.isOpen = true;
      return this.#watchedCursor(opening, cursor);
    };
    return {
      ...source,
      async open(request, signal) {
        const { stream } = request;
        assert(stream.level === "collection");
        const cursor = await watch("collection", [stream], request.from, () => {
          return source.open(request, signal);
        });
        return cursor!;
      },
      admit: async (requests, signal) => {
        const answers = await source.admit(requests, signal);
        await sleep(this.clock, OPENING_MS, never);
        return requests.map((request, at) => this.faults.admit?.(request) ?? answers[at]);
      },
      openGroup: (request, signal) => {
        const { database, names, from } = request;
        const form = database === undefined ? "deployment" : `database ${database}`;
        return watch(form, names, from, () => source.openGroup(request, signal));
      },
    };
  }

  #watchedCursor(opening: Opening, cursor: EventCursor): EventCursor {
    return {
      next: async (rowsMax) => {
        await this.faults.reading?.(opening);
        const reply = await cursor.next(rowsMax);
        return this.faults.replied?.(opening, reply) ?? reply;
      },
      close: async () => {
        opening.isOpen = false;
        await cursor.close();
      },
    };
  }
}

export interface ReaderChoice {
  readonly database?: string;
  readonly from?: Position;
  readonly settings?: Partial<StreamSettings>;
  readonly rowsMax?: number;
}

/** A stream as the pipeline reads it: after a failure it goes on from what it has. */
export class Reader {
  readonly name: NamespaceName;
  readonly events: { readonly operation: string; readonly data: string }[] = [];
  readonly marks: Position[] = [];
  readonly errors: unknown[] = [];
  /** Whether it takes nothing for now. */
  isPaused = false;
  readonly #world: SharedWorld;
  readonly #from: Position;
  readonly #choice: ReaderChoice;
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  #resume: (() => void) | undefined;
  cursor: EventCursor | undefined;

  constructor(world: SharedWorld, name: NamespaceName, choice: ReaderChoice) {
    this.#world = world;
    this.name = name;
    this.#choice = choice;
    this.#from = choice.from ?? world.start;
    this.#ended = this.#run();
  }

  /** Everything up to here it has. */
  get mark(): Position {
    return this.marks.at(-1) ?? this.#from;
  }

  get isOpen(): boolean {
    return this.cursor !== undefined;
  }

  resume(): void {
    this.isPaused = false;
    this.#resume?.();
  }

  async close(): Promise<void> {
    this.#abort.abort(new DOMException("The test is over", "AbortError"));
    this.resume();
    await this.cursor?.close();
    await this.#ended;
  }

  /** It has all events of its collection from where it began up to its mark, once and in order. */
  assertWhole(): void {
    const wanted = this.#world.entriesOf(this.name).filter(({ time: operationTime, data }) =>
      comparePositions({ operationTime, data }, this.#from) > 0 &&
      comparePositions({ operationTime, data }, this.mark) <= 0
    );
    const tokens = wanted.map(({ data }) => data);
    assert.deepEqual(this.events.map(({ data }) => data), tokens, this.name.collection);
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        const cursor = this.cursor = await this.#open();
        await this.#readOn(cursor);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        if (signal.aborted) break;
        this.errors.push(error);
        await this.cursor?.close();
        this.cursor = undefined;
        if (error instanceof UnreadableEventError) this.#passUnreadable();
        await sleep(this.#world.clock, 1000, signal).catch(() => {});
      }
    }
    await this.cursor?.close();
  }

  /** As the pipeline does, which reads what cannot be read as a whole in smaller parts and in poorer forms. */
  #passUnreadable(): void {
    const left = this.#world.entriesOf(this.name).filter(({ time: operationTime, data }) =>
      comparePositions({ operationTime, data }, this.mark) > 0
    );
    const at = left.findIndex(({ change }) => change.unreadable !== undefined);
    for (const { change, data, time } of left.slice(0, at + 1)) {
      this.events.push({ operation: change.operation, data });
      this.marks.push({ operationTime: time, data });
    }
  }

  #open(): Promise<EventCursor> {
    const { database, collection } = this.name;
    const settings = { ...PLAIN_SETTINGS, reading: "namespace", ...this.#choice.settings } as const;
    return this.#world.shared.open({
      ...{ stream: { level: "collection", database, collection }, settings },
      ...{ from: this.mark, images: "as-set", live: true },
    }, this.#abort.signal);
  }

  async #readOn(cursor: EventCursor): Promise<void> {
    while (!this.#abort.signal.aborted) {
      while (this.isPaused) await new Promise<void>((resolve) => this.#resume = resolve);
      this.#take(await cursor.next(this.#choice.rowsMax ?? 100));
    }
  }

  #take(reply: SourceReply): void {
    const before = this.mark;
    assert.equal(reply.invalidated, false, "a member's stream never ends");
    assert.ok(comparePositions(reply.highWater, before) >= 0, "a mark goes back");
    const isOwn = reply.highWater.data === this.#from.data;
    assert.ok(reply.highWater.invalidate === undefined || isOwn, "a group's invalidate is told");
    this.events.push(...eventsOf(reply));
    this.marks.push(reply.highWater);
    this.assertWhole();
  }
}
