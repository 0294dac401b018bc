import assert from "node:assert/strict";
import { pipelineSettings, streamChoice } from "../../../src/app/pipeline_settings.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { MACHINE, sourcesOf } from "../../support/load_config.ts";

const SELF = { owner: "host-1-a", instance: "host-1", version: "1" };

function configOf(more: Record<string, string>) {
  const env = { MONGODB_URI: "mongodb://127.0.0.1:1/", DESTINATION: "file:///lake", ...more };
  const loaded = loadConfig(sourcesOf({ env }), MACHINE);
  assert.ok(loaded.ok);
  return loaded.config;
}

Deno.test("pipelineSettings puts the settings where they belong", () => {
  const config = configOf({
    MONGODB_DATABASE: "shop",
    BATCH_SIZE: "77",
    MEMORY_BUDGET: "64MiB",
    DISTRIBUTED_LOCK_TTL: "9s",
    DISTRIBUTED_LOCK_REFRESH_INTERVAL: "3s",
  });
  const { self, whole, collections, options, limits, timing } = pipelineSettings(config, SELF);
  assert.equal(self, SELF);
  assert.deepEqual(whole, [{ level: "database", database: "shop" }]);
  assert.deepEqual(collections, { named: [] });
  assert.equal(options.batch.rowsMax, 77);
  assert.equal(limits.memoryBudgetBytes, 64 * 1024 ** 2);
  assert.deepEqual([timing.ttlMs, timing.refreshMs], [9000, 3000]);
});

Deno.test("streamChoice has the collections that are named, and a filter where there are patterns", () => {
  const named =
    streamChoice(configOf({ MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: "orders" })).collections;
  assert.deepEqual(named.named, [{ level: "collection", database: "shop", collection: "orders" }]);
  assert.equal(named.filter, undefined);
  const found = streamChoice(
    configOf({ WATCH_LEVEL: "collection", MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: "o*" }),
  ).collections;
  assert.deepEqual(found.named, []);
  assert.ok(found.filter !== undefined);
});
