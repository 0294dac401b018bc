/** What REDACT costs an event: `deno bench tests/bench/redact_bench.ts`. Divide by the number of events. */
import { ObjectId } from "bson";
import { EventRedactor } from "../../src/bson/redact_event.ts";
import { Redaction } from "../../src/bson/redaction.ts";
import { redactedCursor } from "../../src/source/redacted_cursor.ts";
import { concatEvents } from "../../src/source/fragment_merger.ts";
import { positionAt } from "../../src/model/position.ts";
import { orderEvents } from "./order_events.ts";

const EVENTS = 1000;

const document = {
  _id: new ObjectId("65a1b2c3d4e5f60718293a4b"),
  orderNumber: "ORD-2026-0001234567",
  customer: { name: "Ada Lovelace", email: "ada.lovelace@example.com", tier: "gold" },
  status: "confirmed",
  items: [
    { sku: "SKU-00042", quantity: 3, price: 19.99 },
    { sku: "SKU-00977", quantity: 1, price: 249.5 },
  ],
  total: 309.47,
  currency: "EUR",
  createdAt: new Date("2026-11-20T17:03:21.123Z"),
  paid: true,
  note: "leave at the door, please ring twice",
};

const events = orderEvents(document, EVENTS);

const highWater = positionAt({ t: 1, i: 1 });
const reply = { ...concatEvents(events), highWater, invalidated: false, waitMs: 0 };
const cursor = { next: () => Promise.resolve(reply), close: () => Promise.resolve() };

const CASES: Readonly<Record<string, readonly string[]>> = {
  "two fields that no event has": ["password", "customer.iban"],
  "a field of each item that none has": ["items.secret"],
  "two fields that each event has": ["note", "customer.email"],
};

for (const [name, paths] of Object.entries(CASES)) {
  const redactor = new EventRedactor(Redaction.from(paths));
  Deno.bench({ name: `read ${EVENTS} events, ${name}` }, () => {
    for (const start of reply.starts) redactor.read(reply.bytes, start);
  });
  const redacted = redactedCursor(cursor, { redact: paths, stages: [] });
  Deno.bench({ name: `a reply of ${EVENTS} events, ${name}` }, async () => {
    await redacted.next(EVENTS);
  });
}
