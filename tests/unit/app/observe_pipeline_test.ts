import assert from "node:assert/strict";
import { observePipeline, type Watchers } from "../../../src/app/observe_pipeline.ts";
import type { Monitor } from "../../../src/observe/monitor.ts";
import type { Tracing } from "../../../src/observe/trace/tracing.ts";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";
import { silentLog } from "../../../src/support/log.ts";
import { configOf } from "../../support/load_config.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

const ORDERS = { level: "collection", database: "shop", collection: "orders" } as const;

function observed() {
  const lines: unknown[] = [];
  const note = (message: string, fields: unknown) => void lines.push([message, fields]);
  const watchers: Watchers = {};
  const log = { ...silentLog, warn: note, error: note };
  const observer = observePipeline(
    { log, clock: new VirtualClock() },
    { ...configOf({}), instanceName: "host-1", partitions: 2 },
    watchers,
  );
  return { observer, watchers, lines };
}

Deno.test("observePipeline says of a collection what is the matter: another layout, or retired", () => {
  const { observer, lines } = observed();
  observer.layoutDiffers(ORDERS, 3);
  observer.layoutDiffers(ORDERS, 0);
  assert.deepEqual(lines, [
    ["PARTITIONS differs from the layout in force, which stays", {
      stream: "collection:shop.orders",
      partitions: 3,
      change: "tributary layout set shop.orders 2",
    }],
    ["A retired collection is in the settings: nothing of it is streamed", {
      stream: "collection:shop.orders",
      change: "take it out of the settings, or use another prefix",
    }],
  ]);
});

Deno.test("observePipeline tells whoever watches by then", () => {
  const { observer, watchers, lines } = observed();
  const stream = { key: "collection.shop.orders", name: "collection:shop.orders" };
  const failed = { type: "stream-failed", error: "no", permanent: true, retryMs: 1 } as const;
  observer.stream(stream, failed);
  const told: unknown[] = [];
  watchers.monitor = {
    pipelineEvent: (...all: unknown[]) => void told.push(all),
    coordinateEvent: (event: unknown) => void told.push(event),
    readingEvent: (event: unknown) => void told.push(event),
  } as unknown as Monitor;
  watchers.tracing = {
    pipelineEvent: (...all: unknown[]) => void told.push(all),
  } as unknown as Tracing;
  observer.stream(stream, failed);
  const away = { type: "store-away", reason: "no route" } as const;
  observer.coordinate(away);
  const lost = { type: "group-lost", members: 2, reason: "gone" } as const;
  observer.reading?.(lost);
  assert.deepEqual(told, [[stream, failed], [stream, failed], away, lost]);
  // What is the same is said later.
  assert.equal(lines.length, 2);
  observer[Symbol.dispose]();
  assert.equal(lines.length, 3);
});

Deno.test("observePipeline says that streams failed before a watcher says that it is over", () => {
  const { observer, watchers, lines } = observed();
  const stream = (name: string) => ({ key: `collection.shop.${name}`, name: `collection:${name}` });
  const failed = { type: "stream-failed", error: "no", permanent: false, retryMs: 1 } as const;
  for (const name of ["a", "b"]) observer.stream(stream(name), failed);
  watchers.monitor = {
    pipelineEvent: () => observer.inOrder.error("It answers again"),
  } as unknown as Monitor;
  const position = { operationTime: { t: 1, i: 1 }, data: "" };
  observer.stream(stream("b"), { type: "source-opened", position });
  const again = "Stream failed; it will be tried again";
  const messages = (lines as [string][]).map(([message]) => message);
  assert.deepEqual(messages, [again, again, "It answers again"]);
});

Deno.test("observePipeline says once that it cannot be looked what to read, whatever becomes of other looks", () => {
  const { observer, lines } = observed();
  const refused = new PermanentError("may not list");
  for (let look = 0; look < 5; look++) {
    observer.snapshotLookFailed?.(refused);
    observer.lookFailed(new TransientError("away"));
  }
  observer.snapshotLookFailed?.(new TransientError("away"));
  const what = "It could not be looked what there is to read of documents that were there before";
  assert.deepEqual(lines, [
    [what, { error: refused }],
    ["Streams could not be looked up", { error: new TransientError("away") }],
    [what, { error: new TransientError("away") }],
  ]);
});
