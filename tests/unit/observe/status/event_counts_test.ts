import assert from "node:assert/strict";
import { eventCounts } from "../../../../src/observe/status/event_counts.ts";
import type { StreamView } from "../../../../src/coordinate/fleet_view.ts";

Deno.test("eventCounts tells what is read here, what others read, and what is stored where nobody tells", () => {
  const of = (key: string, more: Partial<StreamView>) =>
    ({ key, events: 5, ...more }) as StreamView;
  const news = { readEvents: 7 } as NonNullable<StreamView["news"]>;
  const view = {
    streams: [of("a", {}), of("b", { owner: "other", news }), of("c", { owner: "me", news })],
  };
  assert.deepEqual([...eventCounts("me", [{ key: "c", readEvents: 9 }], view)], [
    ["a", { source: "stored", events: 5 }],
    ["b", { source: "read by other", events: 7 }],
    ["c", { source: "read by me", events: 9 }],
  ]);
  assert.equal(eventCounts("me", [], undefined).size, 0);
});
