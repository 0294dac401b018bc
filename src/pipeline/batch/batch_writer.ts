import { EncoderCrashError, FencedError, TransientError } from "../../model/errors.ts";
import type { Position } from "../../model/position.ts";
import type { BatchRecord, DeadLetterEntry, ObjectEntry } from "../../model/record.ts";
import { fileExtension } from "../../model/format.ts";
import { rowEncoding } from "../../model/settings.ts";
import { crc32Hex } from "../../support/bytes/crc32.ts";
import { freeBytes } from "../../support/free_bytes.ts";
import { Limiter } from "../../support/flow/limited.ts";
import type { Wake } from "../../support/flow/notify.ts";
import { appendRecord } from "../record/append_record.ts";
import type { Barrier } from "../layout/barrier.ts";
import type { Batch } from "./batcher.ts";
import { deadLetterBytes } from "./dead_letters.ts";
import { encodeBatch, type EncodedBatch } from "./encode_batch.ts";
import type { JournalTail, RecordContent, RecordIdentity } from "../record/journal_tail.ts";
import { assertKeyFits } from "../record/key_room.ts";
import { deadLetterKey, objectKey } from "../record/object_key.ts";
import type { Lease } from "../ports.ts";
import type { Reservation } from "../read/reservation.ts";
import { isSameObject } from "../record/stored_object.ts";
import { RECORDS_IN_FLIGHT_MAX, type StreamContext } from "../stream_context.ts";

/** The batch on which an encoder died, and which the next attempt must approach with care. */
export interface CrashedBatch {
  readonly to: Position;
  readonly rows: number;
  readonly firstToken: string;
  readonly firstPlace?: string;
}

/**
 * Carries batches from memory into the lake: encode, append the record, put the objects, in that order for each.
 *
 * Batches are encoded side by side, appended one after the other in order, and stored while the next are appended. A
 * record is never sent before the one before it is confirmed, and at most `RECORDS_IN_FLIGHT_MAX` are waiting for their
 * objects. The first failure stops everything: what is not appended is dropped, and `failure` says why.
 */
export class BatchWriter {
  readonly #context: StreamContext;
  readonly #lease: Lease;
  readonly #tail: JournalTail;
  readonly #wake: Wake;
  readonly #uploads: Limiter;
  readonly #durable: (record: BatchRecord) => void;
  readonly #puts = new Set<Promise<void>>();
  #appends: Promise<void> = Promise.resolve();
  #pending = 0;
  /** Batches that are with the encoder, of the pending ones. */
  #encoding = 0;
  #failure: { readonly error: unknown } | undefined;
  #crashed: CrashedBatch | undefined;
  #slotFreed: (() => void) | undefined;

  readonly #barrier: Barrier | undefined;
  /** `wake` is rung at each step forward and at a failure; `durable` is told of each batch that is stored. */
  constructor(
    context: StreamContext,
    lease: Lease,
    tail: JournalTail,
    wake: Wake,
    durable: (record: BatchRecord) => void,
    barrier?: Barrier,
  ) {
    this.#barrier = barrier;
    this.#context = context;
    this.#lease = lease;
    this.#tail = tail;
    this.#wake = wake;
    this.#durable = durable;
    this.#uploads = new Limiter(context.options.uploadsInFlightMax);
  }

  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  get crashed(): CrashedBatch | undefined {
    return this.#crashed;
  }

  /** Whether another batch may be submitted now; ask again after the next ring. */
  get hasRoom(): boolean {
    const max = this.#context.options.encodesInFlightMax;
    // One more may wait for its record, so that the encoders need not; raw events are what weighs most.
    return this.#encoding < max && this.#pending <= max;
  }

  /** Nothing is being encoded, appended or stored. */
  get isIdle(): boolean {
    return this.#pending === 0 && this.#puts.size === 0;
  }

  /**
   * Takes a batch and the room that it holds in the budget. `startedMs`: when its first event came (monotonic).
   */
  submit(batch: Batch, room: Reservation, startedMs: number): void {
    const { encoder, clock } = this.#context;
    const begunMs = clock.monotonicMs();
    this.#pending++;
    this.#encoding++;
    const encoded = encodeBatch(encoder, rowEncoding(this.#tail.facts.settings), batch).then(
      (result) => {
        room.resize(result.bytes);
        const { objects: _, deadLetters: __, chunk: ___, ...encodedAs } = result;
        const finishMs = clock.monotonicMs() - begunMs;
        // Much of it may have been encoded before the batch was cut.
        const waitMs = Math.max(0, finishMs - result.encodeMs);
        this.#context.observe({ type: "batch-encoded", ...encodedAs, waitMs, finishMs });
        return result;
      },
      (error: unknown) => {
        if (error instanceof EncoderCrashError) this.#crashed ??= batch;
        throw error;
      },
    ).finally(() => {
      this.#encoding--;
      this.#wake.ring();
    });
    const allowed = this.#barrier?.assertBefore(batch.to, this.#lease.signal);
    const stored = this.#inOrder(async () => {
      await allowed;
      const made = await encoded;
      await this.#announce(batch);
      return await this.#append(made, startedMs);
    });
    // After a failure `stored` ends early: the bytes are held until the encoder has let go of them all the same.
    const done = stored.then((put) => put?.()).catch((error: unknown) => this.#fail(error))
      .then(() => encoded.catch(() => {}))
      .then(() => {
        room.release();
        this.#puts.delete(done);
        this.#wake.ring();
      });
    this.#puts.add(done);
    // Both are reported by `stored`, which may come to them later.
    encoded.catch(() => {});
    allowed?.catch(() => {});
  }

  /** Appends a record without objects, after all batches submitted so far. */
  mark(content: RecordContent, isFarewell = false): void {
    this.#pending++;
    const allowed = this.#barrier?.assertBefore(content.to, this.#lease.signal);
    allowed?.catch(() => {}); // Reported in its turn.
    this.#inOrder(async () => {
      await allowed;
      this.#throwIfFailed();
      const record = this.#tail.next(content, undefined, isFarewell);
      await appendRecord(this.#context, this.#lease, record);
      this.#tail.appended(record, true);
    }).catch((error: unknown) => this.#fail(error));
  }

  /** Waits until all that was submitted is stored; throws the failure if there is one. */
  async drained(): Promise<void> {
    await this.#appends;
    while (this.#puts.size > 0) await Promise.all(this.#puts);
    this.#throwIfFailed();
  }

  /** Runs `step` after all steps before it, unless one of them failed. */
  #inOrder<T>(step: () => Promise<T>): Promise<T | undefined> {
    const result = this.#appends.then(async () => {
      try {
        return this.#failure === undefined ? await step() : undefined;
      } finally {
        this.#pending--;
        this.#wake.ring();
      }
    });
    this.#appends = result.then(() => {}, (error: unknown) => this.#fail(error));
    return result;
  }

  /** Documents that come with a collection's name have no events: they are to be read. */
  async #announce({ renames = [] }: Batch): Promise<void> {
    const { snapshots, source, stream } = this.#context;
    if (snapshots === undefined) return;
    for (const onto of renames) {
      // Of a collection of its own also the events that lead away from it come.
      const isOther = stream.level === "collection" && onto.collection !== stream.collection;
      if (isOther) continue;
      await snapshots.renamed(stream, onto, () => source.describe(this.#lease.signal));
    }
  }

  /** Appends a batch's record; answers how to store its objects. */
  async #append(encoded: EncodedBatch, startedMs: number): Promise<() => Promise<void>> {
    // A failure before the wait counts, too: nobody frees a slot after it.
    this.#throwIfFailed();
    while (this.#tail.notDurableCount >= RECORDS_IN_FLIGHT_MAX) {
      await new Promise<void>((resolve) => this.#slotFreed = resolve);
      this.#throwIfFailed();
    }
    const identity = this.#tail.newIdentity();
    const record = this.#tail.next(this.#describe(encoded, identity), identity) as BatchRecord;
    await appendRecord(this.#context, this.#lease, record);
    this.#tail.appended(record, false);
    return () => this.#store(record, encoded, startedMs);
  }

  #describe(encoded: EncodedBatch, { v, id }: RecordIdentity): RecordContent<BatchRecord> {
    const { keyRule, encoding } = this.#tail.facts.settings;
    const name = {
      streamKey: this.#context.key,
      seq: this.#tail.seqNext,
      recordId: id,
      extension: fileExtension(encoding),
    };
    const objects: ObjectEntry[] = encoded.objects.map((object, index) => ({
      key: objectKey(keyRule, object, object.bucket, { ...name, index }),
      database: object.database,
      collection: object.collection,
      bucket: object.bucket,
      rows: object.rows,
      bytes: object.bytes.byteLength,
      ...(v === 1 ? {} : { crc32: object.crc32 }),
    }));
    const letters = encoded.deadLetters;
    const letterBytes = deadLetterBytes(letters);
    const deadLetters: DeadLetterEntry[] = letters.length === 0 ? [] : [{
      key: deadLetterKey({ ...name, index: 0 }),
      bytes: letterBytes.byteLength,
      ...(v === 1 ? {} : { crc32: crc32Hex(letterBytes) }),
      events: letters.map(({ data, reason }) => ({ data, reason })),
    }];
    // Names of collections are met as they come, and what a record names must be written.
    for (const { key } of [...objects, ...deadLetters]) {
      assertKeyFits(this.#context.sink, key);
    }
    const chunk = encoded.chunk === undefined ? {} : { chunk: encoded.chunk };
    return { kind: "batch", to: encoded.to, objects, deadLetters, ...chunk };
  }

  /** Puts what the record names; then the record is durable. */
  async #store(record: BatchRecord, encoded: EncodedBatch, startedMs: number): Promise<void> {
    const { observe, clock } = this.#context;
    // Where the object of a chunk is, nothing of it may be missing.
    await settleAll(record.deadLetters.map((letter) =>
      this.#uploads.run(async () => {
        const bytes = deadLetterBytes(encoded.deadLetters);
        await this.#put(record, letter.key, bytes, crc32Hex(bytes));
        const reason = letter.events[0]?.reason ?? "";
        observe({ type: "dead-letters", events: letter.events.length, reason });
      })
    ));
    const puts = record.objects.map((entry, i) =>
      this.#uploads.run(async () => {
        const { key, database, collection, rows } = entry;
        const { bytes, crc32, operations } = encoded.objects[i]!;
        const made = { database, collection, rows, operations, bytes: bytes.byteLength };
        const begunMs = clock.monotonicMs();
        const outcome = await this.#put(record, key, bytes, crc32);
        const putMs = clock.monotonicMs() - begunMs;
        freeBytes(bytes);
        observe({ type: "object-stored", key, ...made, putMs, outcome });
      })
    );
    await settleAll(puts);
    this.#tail.markDurable(record.seq);
    this.#slotFreed?.();
    const deadLetters = encoded.deadLetters.length;
    observe({
      type: "batch-durable",
      seq: record.seq,
      rows: encoded.rows - deadLetters,
      objects: record.objects.length,
      bytes: encoded.bytes,
      deadLetters,
      batchMs: clock.monotonicMs() - startedMs,
      to: record.to,
      ...namespaceOf(record),
    });
    this.#durable(record);
  }

  async #put(
    record: BatchRecord,
    key: string,
    bytes: Uint8Array,
    crc32: string,
  ): Promise<"created" | "exists"> {
    this.#throwIfFailed();
    if (!this.#lease.isValid()) await this.#assertNoSuccessor(record);
    const { isNew, stored } = await this.#context.sink.deliver(key, bytes, crc32);
    if (!isNew && !isSameObject(stored, { bytes: bytes.byteLength, crc32 })) {
      // A redo of this record may have stored its rows in other bytes; who looks at the journal again, sees to it.
      throw new TransientError(`Cannot store ${key}: another object lies there already`);
    }
    return isNew ? "created" : "exists";
  }

  /** Past the deadline, one's own record may be finished only while nobody has gone on after it. */
  async #assertNoSuccessor(record: BatchRecord): Promise<void> {
    const seq = record.seq + 1;
    const ours = this.#tail.last.seq >= seq;
    if (ours) return;
    const successor = await this.#context.journal.read(this.#context.key, seq);
    if (successor === undefined) return;
    throw new FencedError(
      `Stopped writing record ${record.seq}: ${successor.owner} has gone on with ${seq}`,
    );
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#slotFreed?.();
    this.#wake.ring();
  }
}

/** Waits for all, also after a failure (nothing may go on unwatched); then throws the first failure. */
async function settleAll(promises: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((r) => r.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** The collection that all objects are of, if it is one. */
function namespaceOf(
  { objects }: BatchRecord,
): { namespace?: Pick<ObjectEntry, "database" | "collection"> } {
  const [first] = objects;
  if (first === undefined) return {};
  const { database, collection } = first;
  const isOne = objects.every((o) => o.database === database && o.collection === collection);
  return isOne ? { namespace: { database, collection } } : {};
}
