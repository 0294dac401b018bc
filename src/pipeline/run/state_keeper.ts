import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { BatchRecord } from "../../model/record.ts";
import { streamName } from "../../model/stream.ts";
import { isoTime } from "../../support/clock.ts";
import type { JournalTail } from "../record/journal_tail.ts";
import type { Lease, StreamState } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";

/**
 * Tells the state store how far the stream is. One save is on its way at a time; what happens meanwhile goes with the
 * next. A failed save is reported and not repeated: the store is a hint and a window, the journal is the truth.
 */
export class StateKeeper {
  readonly #context: StreamContext;
  readonly #lease: Lease;
  readonly #tail: JournalTail;
  #counts: Pick<StreamState, "events" | "objects" | "bytes" | "deadLetters"> | undefined;
  #added = { events: 0, objects: 0, bytes: 0, deadLetters: 0 };
  #saving: Promise<void> | undefined;
  #again = false;
  /** Whether the last save failed. */
  #isFailing = false;

  constructor(context: StreamContext, lease: Lease, tail: JournalTail) {
    this.#context = context;
    this.#lease = lease;
    this.#tail = tail;
  }

  /** Notes a batch whose objects are all there. */
  stored(record: BatchRecord): void {
    for (const object of record.objects) {
      this.#added.events += object.rows;
      this.#added.objects++;
      this.#added.bytes += object.bytes;
    }
    for (const letter of record.deadLetters) this.#added.deadLetters += letter.events.length;
    void this.save();
  }

  /** Saves what is known now, after a save that is on its way. Never rejects. */
  save(): Promise<void> {
    this.#again = true;
    this.#saving ??= this.#saveWhileAsked().finally(() => this.#saving = undefined);
    return this.#saving;
  }

  /** Waits for a save that is on its way. */
  async close(): Promise<void> {
    await this.#saving;
  }

  async #saveWhileAsked(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#saveOnce();
        if (this.#isFailing) this.#context.observe({ type: "state-saved" });
        this.#isFailing = false;
      } catch (error) {
        this.#isFailing = true;
        this.#context.observe({ type: "state-save-failed", reason: errorMessage(error) });
      }
    }
  }

  async #saveOnce(): Promise<void> {
    const { state, key, stream, clock } = this.#context;
    // What is no state is replaced by the save; the counts of before are lost with it.
    const before = this.#counts ?? await state.load(key).catch(undefinedIfDamaged);
    const added = this.#added;
    this.#added = { events: 0, objects: 0, bytes: 0, deadLetters: 0 };
    this.#counts = {
      events: (before?.events ?? 0) + added.events,
      objects: (before?.objects ?? 0) + added.objects,
      bytes: (before?.bytes ?? 0) + added.bytes,
      deadLetters: (before?.deadLetters ?? 0) + added.deadLetters,
    };
    await state.save(key, {
      stream: streamName(stream),
      lake: this.#tail.facts.lake,
      seq: this.#tail.last.seq,
      position: this.#tail.position,
      generation: this.#tail.generation,
      owner: this.#lease.owner,
      ...this.#counts,
      updatedAt: isoTime(clock.wallMs()),
    });
  }
}

function undefinedIfDamaged(error: unknown): undefined {
  if (!(error instanceof PermanentError)) throw error;
}
