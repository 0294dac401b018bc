import assert from "node:assert/strict";
import { deadLetterBytes } from "../../../../src/pipeline/batch/dead_letters.ts";
import { eventBytes, tokensIn } from "../../../support/event_factory.ts";

Deno.test("deadLetterBytes puts the events one behind the other, as a BSON file has them", () => {
  const events = [1, 2, 3].map((i) => eventBytes({ t: 1, i, payload: "x".repeat(i * 7) }));
  const letters = events.map((event) => ({ data: "", reason: "odd", event }));
  const bytes = deadLetterBytes(letters);
  const starts = Uint32Array.of(0, events[0]!.length, events[0]!.length + events[1]!.length);
  assert.equal(bytes.length, events.reduce((sum, e) => sum + e.length, 0));
  assert.equal(tokensIn([{ bytes, starts }]).length, 3);
  assert.deepEqual(bytes.subarray(starts[1]!, starts[2]!), events[1]);
});

Deno.test("deadLetterBytes of no events is empty", () => {
  assert.equal(deadLetterBytes([]).length, 0);
});
