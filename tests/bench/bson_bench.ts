/**
 * What the transcoder costs an event: `deno bench tests/bench/bson_bench.ts`. The driver's way is measured beside it.
 */
import { deserialize, Double, EJSON, Int32, Long, ObjectId, serialize } from "bson";
import { ByteSink } from "../../src/bson/byte_sink.ts";
import { EventSpans, readEventSpans } from "../../src/bson/event/event_spans.ts";
import { writeDocumentJson } from "../../src/bson/json/to_json.ts";
import { orderEvents } from "./order_events.ts";

const EVENTS = 1000;

const document = {
  _id: new ObjectId("65a1b2c3d4e5f60718293a4b"),
  orderNumber: "ORD-2026-0001234567",
  customer: { name: "Ada Lovelace", email: "ada.lovelace@example.com", tier: "gold" },
  status: "confirmed",
  items: [
    { sku: "SKU-00042", quantity: new Int32(3), price: new Double(19.99) },
    { sku: "SKU-00977", quantity: new Int32(1), price: new Double(249.5) },
  ],
  total: new Double(309.47),
  currency: "EUR",
  createdAt: new Date("2026-11-20T17:03:21.123Z"),
  version: Long.fromNumber(7),
  paid: true,
  note: "leave at the door, please ring twice",
};

const events = orderEvents(document, EVENTS);

const documents = Array.from({ length: EVENTS }, () => serialize(document));
const largeText = serialize({
  text: "All work and no play makes Jack a dull boy. ".repeat(25_000),
});
const denseDoubles = serialize({
  values: Array.from({ length: 1000 }, (_, i) => Math.sqrt(i) * 1e-3),
});
const out = new ByteSink(1 << 20);
const spans = new EventSpans();

Deno.bench({ name: `readEventSpans, ${EVENTS} events of ${events[0]!.length} bytes` }, () => {
  for (const event of events) readEventSpans(event, 0, spans);
});

for (const mode of ["relaxed", "canonical"] as const) {
  Deno.bench({
    name: `writeDocumentJson ${mode}, ${EVENTS} documents of ${documents[0]!.length} bytes`,
  }, () => {
    out.reset();
    for (const bytes of documents) writeDocumentJson(bytes, 0, out, mode);
  });
}

Deno.bench({ name: `driver's deserialize and EJSON.stringify, ${EVENTS} documents` }, () => {
  for (const bytes of documents) EJSON.stringify(deserialize(bytes));
});

Deno.bench({ name: "writeDocumentJson, one text of 1.1 MB" }, () => {
  out.reset();
  writeDocumentJson(largeText, 0, out, "relaxed");
});

Deno.bench({ name: "writeDocumentJson, 1000 doubles of 16 digits" }, () => {
  out.reset();
  writeDocumentJson(denseDoubles, 0, out, "relaxed");
});
