import assert from "node:assert/strict";
import { streamOptions } from "../../../src/pipeline/stream_options.ts";
import { configOf } from "../../support/load_config.ts";

Deno.test("streamOptions takes what the settings say, and keeps every encoder busy", () => {
  const config = configOf({ BATCH_SIZE: "7", BATCH_TIMEOUT: "3s", ENCODERS: "4" });
  const options = streamOptions(config);
  assert.deepEqual(options.batch, { rowsMax: 7, bytesMax: 32 * 1024 ** 2, objectsMax: 1000 });
  assert.equal(options.batchAgeMsMax, 3000);
  assert.equal(options.encodesInFlightMax, 4);
  assert.deepEqual(options.retry, { firstMs: 1000, maxMs: 60_000 });
  assert.deepEqual([options.startFrom, options.onHistoryLost], [{ kind: "now" }, "fail"]);
});
