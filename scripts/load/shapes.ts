import { type Document, Double, Int32, Long, ObjectId } from "mongodb";
import type { SeededRandom } from "../../tests/support/seeded_random.ts";

/** A kind of documents, and what happens to them. */
export interface Shape {
  readonly description: string;
  /** About how many bytes of BSON a document has. */
  readonly documentBytes: number;
  /** The shares of updates and deletes among the changes; the rest are inserts. */
  readonly updates: number;
  readonly deletes: number;
  /** The document number `index`; the same for the same random state. */
  document(index: number, random: SeededRandom): Document;
}

const INSERTS_ONLY = { updates: 0, deletes: 0 } as const;

export const SHAPES = {
  small: {
    description: "three fields",
    documentBytes: 49,
    ...INSERTS_ONLY,
    document: (index, random) => ({
      _id: idOf(index),
      device: new Int32(random.below(10_000)),
      value: new Double(random.below(1_000_000) / 1000),
    }),
  },
  typical: {
    description: "an order of 440 bytes",
    documentBytes: 440,
    ...INSERTS_ONLY,
    document: order,
  },
  large: {
    description: "20 KB, a list of a hundred texts",
    documentBytes: 20_000,
    ...INSERTS_ONLY,
    document: (index, random) => ({
      ...order(index, random),
      parts: Array.from({ length: 101 }, (_, i) => ({ number: new Int32(i), text: words(random) })),
    }),
  },
  wide: {
    description: "300 fields of all kinds",
    documentBytes: 4_900,
    ...INSERTS_ONLY,
    document: wide,
  },
  deep: {
    description: "60 levels of documents in documents",
    documentBytes: 1_360,
    ...INSERTS_ONLY,
    document: deep,
  },
  updates: {
    description: "orders, seven of ten changes an update with its document looked up",
    documentBytes: 440,
    updates: 0.7,
    deletes: 0.05,
    document: order,
  },
} satisfies Readonly<Record<string, Shape>>;

export type ShapeName = keyof typeof SHAPES;

export const SHAPE_NAMES = Object.keys(SHAPES) as ShapeName[];

/** Ids that are the same in each run, in the order of insertion as the driver's own are. */
function idOf(index: number): ObjectId {
  return new ObjectId(`6920e000${index.toString(16).padStart(16, "0")}`);
}

const START_MS = Date.UTC(2026, 10, 20);
const STATUSES = ["new", "paid", "packed", "sent"];
const CITIES = ["Springfield", "Riverside", "Fairview", "Georgetown", "Clinton"];

function order(index: number, random: SeededRandom): Document {
  return {
    _id: idOf(index),
    orderNumber: `ORD-2026-${String(index).padStart(9, "0")}`,
    customer: {
      name: `Customer ${random.below(9999)}`,
      email: `c${random.below(9999)}@example.com`,
    },
    status: random.pick(STATUSES),
    items: Array.from({ length: 2 }, () => ({
      sku: `SKU-${random.below(5000)}`,
      quantity: new Int32(1 + random.below(9)),
      price: new Double(random.below(50_000) / 100),
    })),
    currency: "EUR",
    createdAt: new Date(START_MS + index * 37),
    paid: random.chance(0.5),
    city: random.pick(CITIES),
    note: `leave at door ${random.below(5000)}, ring ${1 + random.below(3)} times`,
    token: random.hex(57),
  };
}

const WORDS = "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike".split(
  " ",
);

function words(random: SeededRandom): string {
  return Array.from({ length: 27 }, () => random.pick(WORDS)).join(" ");
}

function wide(index: number, random: SeededRandom): Document {
  const document: Document = { _id: idOf(index) };
  for (let i = 0; i < 60; i++) {
    document[`flag${i}`] = random.chance(0.5);
    document[`count${i}`] = new Int32(random.below(1000));
    document[`total${i}`] = Long.fromNumber(random.below(2 ** 32));
    document[`ratio${i}`] = new Double(random.fraction());
    document[`label${i}`] = random.hex(12);
  }
  return document;
}

function deep(index: number, random: SeededRandom): Document {
  let inner: Document = { value: new Int32(random.below(1000)) };
  for (let level = 60; level > 0; level--) inner = { level, next: inner };
  return { _id: idOf(index), root: inner };
}
