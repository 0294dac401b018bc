import assert from "node:assert/strict";
import { BSON } from "mongodb";
import { positionOfEvent, tokenOfEvent } from "../../../../src/bson/event/event_position.ts";
import { EventSpans } from "../../../../src/bson/event/event_spans.ts";
import { eventBytes, sketchToken } from "../../../support/event_factory.ts";

Deno.test("the position of an event is that of its token, wherever the event lies in its buffer", () => {
  const event = eventBytes({ t: 1_700_000_000, i: 7 });
  const bytes = new Uint8Array([...new Uint8Array(5), ...event]);
  const position = positionOfEvent(bytes, 5, new EventSpans());
  assert.deepEqual(position.operationTime, { t: 1_700_000_000, i: 7 });
  assert.equal(position.data, sketchToken({ t: 1_700_000_000, i: 7 }));
  assert.equal(position.typeBits, undefined);
});

Deno.test("type bits of a token belong to the position", () => {
  const data = sketchToken({ t: 1_700_000_000, i: 1 });
  const event = BSON.serialize({
    _id: { _data: data, _typeBits: new BSON.Binary(Uint8Array.of(0x82, 0x01)) },
    operationType: "insert",
    ns: { db: "shop", coll: "orders" },
  });
  const spans = new EventSpans();
  assert.equal(positionOfEvent(event, 0, spans).typeBits, "ggE=");
  assert.equal(tokenOfEvent(event, spans), data);
});
