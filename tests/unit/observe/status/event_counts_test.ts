import assert from "node:assert/strict";
import { EventCounts } from "../../../../src/observe/status/event_counts.ts";

function of(key: string) {
  return { key, name: key, objects: 0, bytes: 0, deadLetters: 0, paused: false };
}

const NEWS = { condition: "running" as const, readEvents: 7, bufferedEvents: 0 };

function shown(counts: ReturnType<EventCounts["count"]>): [string, string, number][] {
  return [...counts].map(([key, { source, events }]) => [key, source, events]);
}

Deno.test("EventCounts believes what is read here, then what others say that they read, then what is stored", () => {
  const fleet = [
    { ...of("a"), events: 5, owner: "other", news: { key: "a", ...NEWS } },
    { ...of("b"), events: 5, owner: "other", news: { key: "b", ...NEWS } },
    { ...of("c"), events: 5 },
  ];
  const counts = new EventCounts().count(fleet, [{ key: "a", readEvents: 9 }], "me");
  assert.deepEqual(shown(counts), [
    ["a", "read by me", 9],
    ["b", "read by other", 7],
    ["c", "stored", 5],
  ]);
});

Deno.test("EventCounts counts anew at each look, and forgets what is gone", () => {
  const counts = new EventCounts();
  counts.count([{ ...of("a"), events: 5 }], [{ key: "b", readEvents: 1 }], "me");
  const now = counts.count([{ ...of("a"), events: 6 }], [], "me");
  assert.deepEqual(shown(now), [["a", "stored", 6]]);
});
