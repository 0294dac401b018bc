import { ObjectId } from "mongodb";
import { EventSpans, readEventSpans } from "../../src/bson/event/event_spans.ts";
import { type Position, positionAt } from "../../src/model/position.ts";
import type { EventCursor, OpenRequest, SourceReply } from "../../src/pipeline/ports.ts";
import { MemoryBudget } from "../../src/pipeline/read/memory_budget.ts";
import { MemoryOplog } from "../../src/source/memory/memory_oplog.ts";
import { createMemorySource } from "../../src/source/memory/memory_source.ts";
import type { GroupRequest, GroupSource } from "../../src/source/shared/group_source.ts";
import {
  createSharedSource,
  type SharedReadingEvent,
  type SharedSource,
} from "../../src/source/shared/shared_source.ts";
import { PLAIN_SETTINGS } from "../contract/source_contract.ts";
import { VirtualClock } from "./virtual_clock.ts";

export const GROUP_START = { t: 1000, i: 1 };

const never = new AbortController().signal;

/** What a source was asked to open: a group's collections, or the one of a stream alone. */
export interface Opening {
  readonly names: readonly string[];
  readonly from: Position;
  readonly isGroup: boolean;
  /** Of a group that lies in one. */
  readonly database?: string;
  readonly unfiltered: boolean;
}

/** Streams of `shop` in memory that may share change streams, on a clock that stands still. */
export class GroupScene {
  readonly clock = new VirtualClock();
  readonly oplog = new MemoryOplog(GROUP_START);
  readonly budget: MemoryBudget;
  readonly openings: Opening[] = [];
  readonly told: SharedReadingEvent[] = [];
  /** How often it was told that the server has answered. */
  answers = 0;
  readonly shared: SharedSource;
  /** What it reads from. */
  readonly inner: { -readonly [name in keyof GroupSource]: GroupSource[name] };
  /** Asked at each opening; what it throws, the source throws. "denied": the user may not read that. */
  plan: (opening: Opening) => "denied" | undefined = () => undefined;
  /** Throws what the next reply fails with, or lets it wait. */
  failNext: (names: readonly string[]) => void | Promise<void> = () => {};
  #documents = 0;

  constructor(memoryBytes = 64 << 20) {
    this.budget = new MemoryBudget(memoryBytes);
    this.inner = this.#source();
    this.shared = createSharedSource(this.inner, {
      ...{ room: this.budget, clock: this.clock },
      observe: (event) => {
        if (event.type === "group-read") this.answers++;
        else this.told.push(event);
      },
    });
  }

  insert(collection: string, count = 1, bytes = 10): void {
    for (let i = 0; i < count; i++) {
      const id = new ObjectId((this.#documents++).toString(16).padStart(24, "0"));
      const fullDocument = { _id: id, text: "x".repeat(bytes) };
      this.oplog.append({ operation: "insert", database: "shop", collection, id, fullDocument });
    }
  }

  requestOf(collection: string, from: Position = positionAt(GROUP_START)): OpenRequest {
    return {
      stream: { level: "collection", database: "shop", collection },
      settings: { ...PLAIN_SETTINGS, reading: "namespace" },
      ...{ from, images: "as-set", live: true },
    };
  }

  /** Opens a stream, and lets time pass until it is open. */
  open(collection: string, from?: Position): Promise<EventCursor> {
    return this.clock.finish(this.begin(collection, from));
  }

  begin(collection: string, from?: Position): Promise<EventCursor> {
    return this.shared.open(this.requestOf(collection, from), never);
  }

  /** Opens streams at one moment. */
  openAll(collections: readonly string[], from?: Position): Promise<EventCursor[]> {
    return this.clock.finish(Promise.all(collections.map((each) => this.begin(each, from))));
  }

  next(cursor: EventCursor, rowsMax = 100): Promise<SourceReply> {
    return this.clock.finish(cursor.next(rowsMax));
  }

  /** The next events of a stream, as operations and collections, at least so many. */
  async read(cursor: EventCursor, count: number): Promise<string[]> {
    const seen: string[] = [];
    while (seen.length < count) seen.push(...namesOfEvents(await this.next(cursor)));
    return seen;
  }

  /** How many streams each open change stream has. */
  get sizes(): number[] {
    return this.shared.readers().map(({ members }) => members.length).sort((a, b) => b - a);
  }

  #source(): GroupSource {
    const { oplog, clock } = this;
    const inner = createMemorySource({ oplog, clock, awaitMs: 1000 });
    return {
      ...inner,
      open: async (request, signal) => {
        const { stream, from } = request;
        const names = stream.level === "collection" ? [stream.collection] : [];
        this.#note({ names, from, isGroup: false, unfiltered: false });
        return this.#failing(await inner.open(request, signal), names);
      },
      openGroup: async (request: GroupRequest, signal) => {
        const { from, unfiltered = false } = request;
        const names = request.names.map(({ collection }) => collection);
        const within = request.database === undefined ? {} : { database: request.database };
        const planned = this.#note({ names, from, isGroup: true, ...within, unfiltered });
        if (planned === "denied") return undefined;
        return this.#failing((await inner.openGroup(request, signal))!, names);
      },
    };
  }

  #note(opening: Opening): "denied" | undefined {
    this.openings.push(opening);
    return this.plan(opening);
  }

  #failing(cursor: EventCursor, names: readonly string[]): EventCursor {
    return {
      next: async (rowsMax) => {
        await this.failNext(names);
        return await cursor.next(rowsMax);
      },
      close: () => cursor.close(),
    };
  }
}

/** `insert orders` of each event. */
export function namesOfEvents({ bytes, starts }: SourceReply): string[] {
  const spans = new EventSpans();
  const text = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to));
  return [...starts].map((start) => {
    readEventSpans(bytes, start, spans);
    const { operationStart, operationEnd, collectionStart, collectionEnd } = spans;
    return `${text(operationStart, operationEnd)} ${text(collectionStart, collectionEnd)}`;
  });
}
