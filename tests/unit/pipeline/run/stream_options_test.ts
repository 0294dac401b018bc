import assert from "node:assert/strict";
import { streamOptions } from "../../../../src/pipeline/run/stream_options.ts";
import { configOf } from "../../../support/load_config.ts";

Deno.test("streamOptions takes what the settings say, and keeps every encoder busy", () => {
  const config = configOf({ BATCH_SIZE: "7", BATCH_TIMEOUT: "3s", ENCODERS: "4" });
  const options = streamOptions(config);
  assert.deepEqual(options.batch, { rowsMax: 7, bytesMax: 32 * 1024 ** 2, objectsMax: 1000 });
  assert.equal(options.batchAgeMsMax, 3000);
  assert.equal(options.encodesInFlightMax, 4);
  assert.deepEqual(options.retry, { firstMs: 1000, maxMs: 60_000 });
  assert.deepEqual([options.startFrom, options.onHistoryLost], [{ kind: "now" }, "fail"]);
});

Deno.test("streamOptions lets loops turn well within a lease's time, and seldom enough where that is long", () => {
  const turnMsMax = (ttl: string) => {
    const changed = { DISTRIBUTED_LOCK_TTL: ttl, DISTRIBUTED_LOCK_REFRESH_INTERVAL: "100ms" };
    return streamOptions(configOf(changed)).turnMsMax;
  };
  assert.deepEqual(["3s", "30s", "1h"].map(turnMsMax), [1000, 10_000, 10_000]);
});
