import type { Position } from "../../model/position.ts";
import { type JournalRecord, type RecordBase, type SourceIdentity } from "../../model/record.ts";
import type { StreamSettings } from "../../model/settings.ts";
import { isoTime } from "../../support/clock.ts";
import type { Lease } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";

/** What the records so far have settled; new records repeat or refer to it. */
export interface JournalFacts {
  readonly lake: string;
  readonly source: SourceIdentity;
  readonly settings: StreamSettings;
  readonly settingsSeq: number;
}

/** Who appends. */
type Writer = Pick<Lease, "owner" | "generation">;

type RecordPlace = Pick<
  RecordBase,
  "v" | "seq" | "from" | "to" | "settingsSeq" | "durableThrough"
>;

/** What a record's content may refer to. */
export type RecordIdentity = Pick<RecordBase, "v" | "id">;

/** Omits what `JournalTail` fills in; distributes over the kinds of a union. */
export type RecordContent<R extends JournalRecord = JournalRecord> = R extends JournalRecord
  ? Omit<R, Exclude<keyof RecordBase, "to">>
  : never;

/**
 * The end of one stream's journal as this writer knows it: makes the next record, and keeps which records are durable.
 */
export class JournalTail {
  readonly #context: StreamContext;
  readonly #writer: Writer;
  readonly #notDurable = new Set<number>();
  #chunkBytes: number;
  #facts: JournalFacts;
  #last: JournalRecord;

  /** All records up to `last` must be durable. `chunkBytes`: of the objects of all chunks so far. */
  constructor(
    context: StreamContext,
    lease: Lease,
    last: JournalRecord,
    facts: JournalFacts,
    chunkBytes = 0,
  ) {
    this.#context = context;
    // Leases may have been forgotten by whoever counts them; the journal has not.
    const { owner } = lease;
    const known = last.owner === owner ? last.generation : last.generation + 1;
    this.#writer = { owner, generation: Math.max(lease.generation, known) };
    this.#last = last;
    this.#facts = facts;
    this.#chunkBytes = chunkBytes;
  }

  /** Of the records made here: greater than that of any other writer before. */
  get generation(): number {
    return this.#writer.generation;
  }

  get facts(): JournalFacts {
    return this.#facts;
  }

  get last(): JournalRecord {
    return this.#last;
  }

  get seqNext(): number {
    return this.#last.seq + 1;
  }

  /** Everything in the journal reaches to here. */
  get position(): Position {
    return this.#last.to;
  }

  /** Appended records whose objects are not all known to be there. */
  get notDurableCount(): number {
    return this.#notDurable.size;
  }

  /** The end of the contiguous run of durable records. */
  get durableThrough(): number {
    let through = this.#last.seq;
    for (const seq of this.#notDurable) through = Math.min(through, seq - 1);
    return through;
  }

  /** The version and the id of a record to be made: its content may name them. */
  newIdentity(): RecordIdentity {
    const { random, recordFormat } = this.#context;
    return { v: recordFormat.versionAfter(this.#last.v), id: random.uuid() };
  }

  /**
   * The record that goes on after the last one. Its id must be new: it stands for exactly this content. `isFarewell`: the
   * writer says with it that it has stopped (`farewell.ts`).
   */
  next(
    content: RecordContent,
    { v, id } = this.newIdentity(),
    isFarewell = false,
  ): JournalRecord {
    const base = newRecordBase(this.#context, this.#writer, {
      v,
      id,
      seq: this.seqNext,
      from: this.#last.to,
      to: content.to,
      settingsSeq: content.kind === "settings" ? this.seqNext : this.#facts.settingsSeq,
      durableThrough: isFarewell ? this.seqNext : this.durableThrough,
    });
    if (content.kind !== "batch" || content.chunk === undefined) {
      return { ...base, ...content } as JournalRecord;
    }
    return { ...base, ...content, chunk: { ...content.chunk, bytes: this.#chunkBytes } };
  }

  /** Notes that the record made by `next` is in the journal; `durable` if it names no objects to be stored. */
  appended(record: JournalRecord, durable: boolean): void {
    this.#last = record;
    if (!durable) this.#notDurable.add(record.seq);
    if (record.kind === "batch") {
      this.#chunkBytes += record.objects.reduce((sum, { bytes }) => sum + bytes, 0);
    }
    if (record.kind === "settings") {
      const { settings, source, seq } = record;
      this.#facts = { ...this.#facts, settings, source, settingsSeq: seq };
    }
  }

  markDurable(seq: number): void {
    this.#notDurable.delete(seq);
  }
}

/** The fields that every record has; without an `id` a new one. */
export function newRecordBase(
  context: StreamContext,
  { owner, generation }: Writer,
  place: RecordPlace & { readonly id?: string },
): RecordBase {
  return {
    ...place,
    id: place.id ?? context.random.uuid(),
    owner,
    generation,
    writtenAt: isoTime(context.clock.wallMs()),
  };
}
