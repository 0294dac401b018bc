import assert from "node:assert/strict";
import { eventsUpTo } from "../../../../src/pipeline/read/events_up_to.ts";
import { replyOf, sketchToken } from "../../../support/event_factory.ts";

Deno.test("eventsUpTo counts the events at or before a token", () => {
  const sketches = [1, 2, 4].map((i) => ({ t: 10, i }));
  const reply = replyOf(sketches);
  for (const [i, count] of [[0, 0], [1, 1], [2, 2], [3, 2], [4, 3], [9, 3]] as const) {
    assert.equal(eventsUpTo(reply, sketchToken({ t: 10, i })), count);
  }
});

Deno.test("eventsUpTo counts all events where the whole reply lies before", () => {
  const reply = replyOf([{ t: 10, i: 1 }]);
  assert.equal(eventsUpTo(reply, reply.highWater.data), 1);
});
