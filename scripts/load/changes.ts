import type { AnyBulkWriteOperation, Document, ObjectId } from "mongodb";
import type { SeededRandom } from "../../tests/support/seeded_random.ts";
import type { Shape } from "./shapes.ts";

export type Change = AnyBulkWriteOperation<Document>;

/** The shares of updates and deletes among changes. */
export interface Shares {
  readonly updates: number;
  readonly deletes: number;
}

/** Updates and deletes choose among this many of the documents that are there. */
const KNOWN_DOCUMENTS_MAX = 10_000;

const STATUSES = ["new", "paid", "packed", "sent", "returned"];

/**
 * Changes of one collection, the same in each run with the same seed. To be applied in their order; each makes exactly
 * one change event.
 */
export class Changes {
  readonly #shape: Shape;
  readonly #shares: Shares;
  readonly #random: SeededRandom;
  readonly #known: ObjectId[] = [];
  #next: number;
  #updated = 0;

  /** `firstNumber` is the number of the first document: its `_id` follows from it. */
  constructor(shape: Shape, shares: Shares, random: SeededRandom, firstNumber = 0) {
    this.#next = firstNumber;
    this.#shape = shape;
    this.#shares = shares;
    this.#random = random;
  }

  take(count: number): Change[] {
    return Array.from({ length: count }, () => this.#change());
  }

  #change(): Change {
    const { updates, deletes } = this.#shares;
    const dice = this.#random.fraction();
    if (this.#known.length === 0 || dice >= updates + deletes) return this.#insert();
    return dice < deletes ? this.#delete() : this.#update();
  }

  #insert(): Change {
    const document = this.#shape.document(this.#next++, this.#random);
    const { updates, deletes } = this.#shares;
    if (updates + deletes > 0) this.#remember(document["_id"]);
    return { insertOne: { document } };
  }

  #remember(id: ObjectId): void {
    if (this.#known.length < KNOWN_DOCUMENTS_MAX) this.#known.push(id);
    else this.#known[this.#random.below(KNOWN_DOCUMENTS_MAX)] = id;
  }

  #update(): Change {
    const status = this.#random.pick(STATUSES);
    // The revision makes it a change also where the status stays.
    const update = { $set: { status, revision: ++this.#updated } };
    return { updateOne: { filter: { _id: this.#random.pick(this.#known) }, update } };
  }

  #delete(): Change {
    const place = this.#random.below(this.#known.length);
    const id = this.#known[place]!;
    this.#known[place] = this.#known.at(-1)!;
    this.#known.pop();
    return { deleteOne: { filter: { _id: id } } };
  }
}
