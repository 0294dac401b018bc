import assert from "node:assert/strict";
import { positionAt } from "../../../../src/model/position.ts";
import { logPipelineEvent } from "../../../../src/observe/log/pipeline_log.ts";
import type { PipelineEvent } from "../../../../src/pipeline/events.ts";
import { type Log, type LogFields, LogPlace } from "../../../../src/support/log.ts";

function said(event: PipelineEvent): [string, string, LogFields | undefined] | undefined {
  let line: [string, string, LogFields | undefined] | undefined;
  const at = (level: string) => (message: string, fields?: LogFields) => {
    line = [level, message, fields];
  };
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  logPipelineEvent(log, "collection:shop.orders", event);
  return line;
}

Deno.test("logPipelineEvent() says a constant sentence with the values beside it", () => {
  const event: PipelineEvent = {
    type: "batch-durable",
    seq: 4,
    rows: 100,
    objects: 1,
    bytes: 5000,
    deadLetters: 0,
    batchMs: 12.3456,
    to: positionAt({ t: 1_763_690_000, i: 3 }),
  };
  assert.deepEqual(said(event), ["info", "Batch stored", {
    stream: "collection:shop.orders",
    seq: 4,
    rows: 100,
    objects: 1,
    bytes: 5000,
    deadLetters: 0,
    batchMs: 12.3,
    to: new LogPlace("1763690000.3", "2025-11-21T01:53:20Z"),
  }]);
});

Deno.test("logPipelineEvent() says of a stream that waits for another writer that it waits", () => {
  const failed = { type: "stream-failed", error: "why", permanent: false, retryMs: 7.4 } as const;
  assert.equal(said(failed)?.[0], "error");
  assert.deepEqual(said({ ...failed, waits: true }), ["info", "Stream waits for another writer", {
    stream: "collection:shop.orders",
    reason: "why",
    retryMs: 7,
  }]);
});

Deno.test("logPipelineEvent() is loud about what is lost and quiet about what is only counted", () => {
  const lost = said({ type: "objects-voided", objects: 2, reason: "gone" });
  assert.equal(lost?.[0], "error");
  const time = { t: 1, i: 1 };
  const read = { type: "reply-read", events: 1, bytes: 1, waitMs: 1, highWater: time } as const;
  assert.equal(said(read), undefined);
});
