import assert from "node:assert/strict";
import { createMemoryNews } from "../../../../src/coordinate/memory/memory_news.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("createMemoryNews forgets what was told at the end of its TTL", async () => {
  const clock = new VirtualClock();
  const news = createMemoryNews(clock);
  await news.tell({ owner: "a", streams: [] }, 1000);
  await clock.advance(999);
  assert.deepEqual(await news.read(["a"]), [{ owner: "a", streams: [], ageMs: 999 }]);
  await clock.advance(1);
  assert.deepEqual(await news.read(["a"]), []);
});
