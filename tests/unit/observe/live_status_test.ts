import assert from "node:assert/strict";
import { liveStatus } from "../../../src/observe/live_status.ts";
import { newMonitor, ORDERS, readingEvents } from "../../support/monitor.ts";

Deno.test("liveStatus tells a page the rate of now, and leaves histories to who looks at them", async () => {
  const { monitor, clock } = newMonitor();
  await using _ = monitor;
  await clock.settle();
  for (const event of readingEvents(clock)) monitor.pipelineEvent(ORDERS, event);
  const status = () => ({ ...monitor.status(), canControl: false, stages: [], errorCount: 0 });
  assert.equal(liveStatus(status()).streams[0]!.rate, null);
  await clock.advance(10_000);
  const [stream] = liveStatus(status()).streams;
  assert.equal(stream!.rate, 0);
  assert.equal(stream!.name, ORDERS.name);
  assert.equal("rates" in stream!, false);
});
