import assert from "node:assert/strict";
import { effectiveSettings } from "../../../../src/config/show/effective.ts";
import { SETTING_NAMES } from "../../../../src/config/table/schema.ts";
import { load, type Written } from "../../../support/load_config.ts";

function effective(written: Written) {
  const result = load(written);
  assert(result.ok, result.ok ? "" : JSON.stringify(result.faults));
  const settings = effectiveSettings(result.config, result.loaded);
  return new Map(settings.map(({ name, ...rest }) => [name, rest]));
}

Deno.test("effectiveSettings shows each setting in the user's form, with its origin and without secrets", () => {
  const settings = effective({
    env: {
      MONGODB_URI: "mongodb://ann:secret@h/",
      HTTP_TOKEN: "token-123",
      MONGODB_COLLECTIONS: "shop.a,shop.b",
    },
    flags: { destination: "file:///lake" },
    yaml: "batchTimeout: 90s\npipeline: [{$unset: x}]\n",
  });
  assert.deepEqual([...settings.keys()], [...SETTING_NAMES, "pipeline"]);
  const expected = {
    MONGODB_URI: { value: "mongodb://***@h/", origin: "environment MONGODB_URI" },
    HTTP_TOKEN: { value: "***", origin: "environment HTTP_TOKEN" },
    MONGODB_COLLECTIONS: { value: "shop.a,shop.b", origin: "environment MONGODB_COLLECTIONS" },
    WATCH_LEVEL: { value: "collection", origin: "derived" },
    DESTINATION: { value: "file:///lake", origin: "flag --destination" },
    STATE_STORE: { value: "file:///lake/_tributary/state", origin: "derived" },
    PIPELINE_NAME: { value: "/lake", origin: "derived" },
    BATCH_TIMEOUT: { value: "90s", origin: "file t.yaml (batchTimeout)" },
    BATCH_BYTES: { value: "32MiB", origin: "default" },
    AWS_REGION: { origin: "default" },
    pipeline: { value: '[{"$unset":"x"}]', origin: "file t.yaml (pipeline)" },
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.deepEqual(settings.get(name), value, name);
  }
});

Deno.test("effectiveSettings derives the database, the bucket's address and the lock", () => {
  const settings = effective({
    env: {
      MONGODB_URI: "mongodb://h/",
      MONGODB_COLLECTIONS: "shop.a*",
      S3_BUCKET: "lake",
      S3_PREFIX: "raw",
      REDIS_URL: "redis://cache",
    },
  });
  assert.deepEqual(settings.get("MONGODB_DATABASE"), { value: "shop", origin: "derived" });
  assert.deepEqual(settings.get("DESTINATION"), { value: "s3://lake/raw", origin: "derived" });
  assert.deepEqual(settings.get("DISTRIBUTED_LOCK_ENABLED"), { value: "true", origin: "derived" });
  assert.deepEqual(settings.get("STATE_STORE"), { value: "redis", origin: "derived" });
});
