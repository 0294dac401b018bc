import assert from "node:assert/strict";
import { firstEventTime } from "../../../src/pipeline/first_event_time.ts";
import { eventBytes } from "../../support/event_factory.ts";

Deno.test("firstEventTime reads when the first event of a reply happened", () => {
  const event = eventBytes({ t: 1_700_000_000, i: 7, database: "shop", collection: "orders" });
  const bytes = new Uint8Array(event.length + 8);
  bytes.set(event, 8);
  assert.deepEqual(firstEventTime(bytes, Uint32Array.of(8)), { t: 1_700_000_000, i: 7 });
});

Deno.test("firstEventTime knows nothing of a reply without events, or of bytes that are none", () => {
  assert.equal(firstEventTime(new Uint8Array(), new Uint32Array()), undefined);
  assert.equal(
    firstEventTime(Uint8Array.of(9, 0, 0, 0, 1, 2, 3, 4, 5), Uint32Array.of(0)),
    undefined,
  );
});
