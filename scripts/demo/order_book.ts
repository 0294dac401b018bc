import { type AnyBulkWriteOperation, Double, MongoClient, ObjectId } from "mongodb";
import type { SeededRandom } from "../../tests/support/seeded_random.ts";
import { type Clock, sleep } from "../../src/support/clock.ts";

/** How many orders were there before, and how many changes of each kind MongoDB has acknowledged. */
export interface Written {
  readonly snapshot: number;
  readonly insert: number;
  readonly update: number;
  readonly delete: number;
}

export const DATABASE = "exchange";
export const COLLECTION = "orders";

/** Shares of what happens; the rest are new orders. */
const FILLS = 0.35;
const REMOVALS = 0.2;

/** How lively each share's trade is: orders for lively ones leave the book sooner. */
const LIVELINESS: Readonly<Record<string, number>> = {
  ACME: 8,
  BRIO: 5,
  CASA: 3,
  DUNE: 2,
  ECHO: 1,
};
const SYMBOLS = Object.keys(LIVELINESS);

const TICK_MS = 50;
const CHANGES_A_TICK = 200;

interface Order {
  readonly _id: ObjectId;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly price: Double;
  readonly quantity: number;
  filled: number;
  readonly trader: string;
  readonly placedAt: Date;
}

/** The orders of a small exchange, in memory; gives the next things that happen to them. */
export class OrderBook {
  readonly #random: SeededRandom;
  readonly #clock: Clock;
  readonly #open: Order[] = [];

  constructor(random: SeededRandom, clock: Clock) {
    this.#random = random;
    this.#clock = clock;
  }

  /** So many new orders. */
  place(orders: number): AnyBulkWriteOperation<Order>[] {
    return Array.from({ length: orders }, () => this.#place());
  }

  /** So many changes, to be applied in this order. */
  next(changes: number): AnyBulkWriteOperation<Order>[] {
    return Array.from({ length: changes }, () => this.#change());
  }

  #change(): AnyBulkWriteOperation<Order> {
    const dice = this.#random.fraction();
    if (this.#open.length < 100 || dice >= FILLS + REMOVALS) return this.#place();
    return dice < REMOVALS ? this.#remove() : this.#fill();
  }

  #place(): AnyBulkWriteOperation<Order> {
    const random = this.#random;
    const order: Order = {
      _id: new ObjectId(),
      symbol: random.pick(SYMBOLS),
      side: random.pick(["buy", "sell"]),
      price: new Double(Math.round(5_000 + random.fraction() * 10_000) / 100),
      quantity: 10 * (1 + random.below(100)),
      filled: 0,
      trader: `trader-${random.below(250)}`,
      placedAt: new Date(this.#clock.wallMs()),
    };
    this.#open.push(order);
    return { insertOne: { document: { ...order } } };
  }

  #fill(): AnyBulkWriteOperation<Order> {
    const order = this.#open[this.#lively()]!;
    order.filled += 1 + this.#random.below(10);
    return {
      updateOne: { filter: { _id: order._id }, update: { $set: { filled: order.filled } } },
    };
  }

  #remove(): AnyBulkWriteOperation<Order> {
    const index = this.#lively();
    const order = this.#open[index]!;
    this.#open[index] = this.#open.at(-1)!;
    this.#open.pop();
    return { deleteOne: { filter: { _id: order._id } } };
  }

  /** The liveliest of three. */
  #lively(): number {
    const some = [0, 0, 0].map(() => this.#random.below(this.#open.length));
    return some.reduce((a, b) => this.#liveliness(b) > this.#liveliness(a) ? b : a);
  }

  #liveliness(index: number): number {
    return LIVELINESS[this.#open[index]!.symbol]!;
  }
}

/** Writes the orders that are there before anybody looks. */
export async function writeOrders(uri: string, book: OrderBook, orders: number): Promise<Written> {
  await using client = new MongoClient(uri);
  const collection = client.db(DATABASE).collection<Order>(COLLECTION);
  const { insertedCount } = await collection.bulkWrite(book.place(orders), { ordered: false });
  return { snapshot: insertedCount, insert: 0, update: 0, delete: 0 };
}

/**
 * Writes an order book for so long, or until the signal, and tells what has been acknowledged after each step.
 */
export async function writeOrderBook(
  uri: string,
  options: {
    readonly durationMs: number;
    readonly clock: Clock;
    readonly book: OrderBook;
    readonly before: Written;
    readonly signal: AbortSignal;
    readonly onWritten: (written: Written) => void;
  },
): Promise<Written> {
  const { clock, signal, book } = options;
  const client = new MongoClient(uri);
  // A server that is gone must not keep us waiting.
  const cutOff = () => void client.close();
  signal.addEventListener("abort", cutOff);
  try {
    const orders = client.db(DATABASE).collection<Order>(COLLECTION);
    let written = options.before;
    const endMs = clock.monotonicMs() + options.durationMs;
    while (clock.monotonicMs() < endMs && !signal.aborted) {
      const tick = sleep(clock, TICK_MS);
      const result = await orders.bulkWrite(book.next(CHANGES_A_TICK), { ordered: true });
      written = {
        ...written,
        insert: written.insert + result.insertedCount,
        update: written.update + result.modifiedCount,
        delete: written.delete + result.deletedCount,
      };
      options.onWritten(written);
      await tick;
    }
    return written;
  } finally {
    signal.removeEventListener("abort", cutOff);
    await client.close();
  }
}
