/**
 * Turns what a stream tells of itself into spans: one for each batch, with its stages as children. Events say how long
 * something took when it is over, so spans are made afterwards, from the end backwards.
 */
import { formatClusterTime } from "../../model/cluster_time.ts";
import type { PipelineEvent } from "../../pipeline/events.ts";
import type { Span, SpanAttributes, SpanEvent } from "./span.ts";

type EventOf<T extends PipelineEvent["type"]> = Extract<PipelineEvent, { readonly type: T }>;

/** Replies remembered until their batch is cut; of more, the oldest are not counted. */
const REPLIES_MAX = 1024;

/** Objects of a batch that are named one by one. */
const OBJECTS_NAMED_MAX = 64;

/** A batch on its way. Times are wall clock. */
interface OpenBatch {
  readonly submittedMs: number;
  readonly encodedMs: number;
  readonly encoded: EventOf<"batch-encoded">;
  readonly replies: Reply[];
  appended?: { readonly seq: number; readonly startMs: number; readonly endMs: number };
  readonly objects: SpanEvent[];
  objectCount: number;
  storedMs: number;
}

interface Reply {
  readonly atMs: number;
  readonly waitMs: number;
  readonly events: number;
}

/** The spans of one stream. */
export class BatchSpans {
  readonly #attributes: SpanAttributes;
  readonly #write: (span: Span) => void;
  readonly #replies: Reply[] = [];
  /** Batches by where they end, in the order in which they were encoded. */
  readonly #batches = new Map<string, OpenBatch>();
  readonly #redos = new Map<number, number>();

  /** `attributes` go with each span; `write` is given each that has ended. */
  constructor(attributes: SpanAttributes, write: (span: Span) => void) {
    this.#attributes = attributes;
    this.#write = write;
  }

  /** `atMs`: the wall clock at the event. */
  take(event: PipelineEvent, atMs: number): void {
    switch (event.type) {
      case "reply-read":
        return this.#onReply({ atMs, waitMs: event.waitMs, events: event.events });
      case "batch-encoded":
        return this.#onEncoded(event, atMs);
      case "record-appended":
        return this.#onAppended(event, atMs);
      case "object-stored":
        return this.#onStored(event, atMs);
      case "batch-durable":
        return this.#onDurable(event, atMs);
      case "redo-started":
        this.#redos.set(event.seq, atMs);
        return;
      case "redo-finished":
        return this.#onRedone(event, atMs);
      case "source-lost":
        return this.#moment("source lost", atMs, event.reason);
      case "fenced":
        return this.#onFailure("fenced", atMs, event.reason);
      case "stream-failed":
        return this.#onFailure("stream failed", atMs, event.error);
      case "stream-started":
      case "stream-stopped":
      case "stream-closed":
        return this.#forget();
      default:
        return;
    }
  }

  #onReply(reply: Reply): void {
    if (this.#replies.length === REPLIES_MAX) this.#replies.shift();
    this.#replies.push(reply);
  }

  #onEncoded(encoded: EventOf<"batch-encoded">, encodedMs: number): void {
    const submittedMs = encodedMs - encoded.finishMs;
    this.#batches.set(encoded.to.data, {
      ...{ submittedMs, encodedMs, encoded, storedMs: encodedMs },
      ...{ replies: [], objects: [], objectCount: 0 },
    });
  }

  /** Records are appended in the order of batches: what was read before this one was cut, and after the last, is its own. */
  #onAppended({ kind, seq, to, appendMs }: EventOf<"record-appended">, endMs: number): void {
    const batch = kind === "batch" ? this.#batches.get(to.data) : undefined;
    if (batch === undefined) return;
    batch.appended = { seq, startMs: endMs - appendMs, endMs };
    const later = this.#replies.findIndex(({ atMs }) => atMs > batch.submittedMs);
    batch.replies.push(...this.#replies.splice(0, later < 0 ? this.#replies.length : later));
  }

  #onStored(event: EventOf<"object-stored">, atMs: number): void {
    const seq = seqOfKey(event.key);
    const batch = [...this.#batches.values()].find(({ appended }) => appended?.seq === seq);
    // Objects that a redo has made again belong to no batch of this run.
    if (batch === undefined) return;
    batch.storedMs = atMs;
    batch.objectCount++;
    if (batch.objects.length === OBJECTS_NAMED_MAX) return;
    const { key, rows, bytes, putMs, outcome } = event;
    batch.objects.push({
      name: "object stored",
      atMs,
      attributes: named({ object: key, rows, bytes, put_ms: putMs, outcome }),
    });
  }

  #onDurable(event: EventOf<"batch-durable">, endMs: number): void {
    const batch = this.#batches.get(event.to.data);
    if (batch === undefined) return;
    this.#batches.delete(event.to.data);
    const { seq, rows, objects, bytes, deadLetters, batchMs, to } = event;
    const startMs = Math.min(endMs - batchMs, batch.submittedMs);
    const position = formatClusterTime(to.operationTime);
    this.#write({
      name: "batch",
      startMs,
      endMs,
      attributes: this.#with({
        seq,
        events: rows,
        objects,
        bytes,
        dead_letters: deadLetters,
        position,
      }),
      children: stagesOf(batch, startMs, endMs),
    });
  }

  #onRedone({ seq, objects }: EventOf<"redo-finished">, endMs: number): void {
    const startMs = this.#redos.get(seq) ?? endMs;
    this.#redos.delete(seq);
    this.#write({ name: "redo", startMs, endMs, attributes: this.#with({ seq, objects }) });
  }

  /** Batches that come to nothing in this run end here; where there are none, the failure itself is to be seen. */
  #onFailure(name: string, atMs: number, error: string): void {
    if (this.#batches.size === 0) this.#moment(name, atMs, error);
    for (const batch of this.#batches.values()) {
      const startMs = batch.replies.find(({ events }) => events > 0)?.atMs ?? batch.submittedMs;
      const { encoded: { rows, bytes }, appended } = batch;
      const seq = appended === undefined ? {} : { seq: appended.seq };
      this.#write({
        name: "batch",
        startMs,
        endMs: atMs,
        attributes: this.#with({ ...seq, events: rows, objects: batch.objectCount, bytes }),
        error,
        children: stagesOf(batch, startMs, atMs),
      });
    }
    this.#forget();
  }

  #moment(name: string, atMs: number, error: string): void {
    this.#write({ name, startMs: atMs, endMs: atMs, attributes: this.#with({}), error });
  }

  #forget(): void {
    this.#replies.length = 0;
    this.#batches.clear();
    this.#redos.clear();
  }

  #with(own: SpanAttributes): SpanAttributes {
    return { ...this.#attributes, ...named(own) };
  }
}

/** The stages that a batch has come through, each where the one before left off or began by itself. */
function stagesOf(batch: OpenBatch, startMs: number, endMs: number): Span[] {
  const { submittedMs, encodedMs, encoded, replies, appended, objects, objectCount } = batch;
  const sum = (field: "waitMs" | "events") => replies.reduce((all, reply) => all + reply[field], 0);
  const reading = { replies: replies.length, events: sum("events"), server_wait_ms: sum("waitMs") };
  const { rows, rawBytes, bytes, encodeMs } = encoded;
  const encoding = { events: rows, raw_bytes: rawBytes, bytes, encode_ms: encodeMs };
  const stages: Span[] = [
    { name: "read", startMs, endMs: submittedMs, attributes: named(reading) },
    { name: "encode", startMs: submittedMs, endMs: encodedMs, attributes: named(encoding) },
  ];
  if (appended === undefined) return stages;
  const { seq } = appended;
  const storedMs = objectCount === 0 ? appended.endMs : batch.storedMs;
  return [
    ...stages,
    {
      name: "append",
      startMs: appended.startMs,
      endMs: appended.endMs,
      attributes: named({ seq }),
    },
    {
      name: "upload",
      startMs: appended.endMs,
      endMs: storedMs,
      attributes: named({ objects: objectCount }),
      events: objects,
    },
    { name: "commit", startMs: storedMs, endMs, attributes: named({ seq }) },
  ];
}

/** Attributes under the program's own name. */
function named(attributes: SpanAttributes): SpanAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`tributary.${name}`, value]),
  );
}

/** The record that an object belongs to, which its file name tells: `{stream}-{id}-{seq}-{n}.{extension}`. */
function seqOfKey(key: string): number | undefined {
  const seq = /-(\d+)-\d+\.[^/]+$/.exec(key)?.[1];
  return seq === undefined ? undefined : Number(seq);
}
