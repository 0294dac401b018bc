import assert from "node:assert/strict";
import type { Fault } from "../../../../src/config/read/fault.ts";
import type { Given } from "../../../../src/config/read/layers.ts";
import { defaultValue, resolveValues } from "../../../../src/config/resolve/resolution.ts";
import { setting, SETTING_NAMES, type SettingName } from "../../../../src/config/table/schema.ts";

function resolve(values: Partial<Record<SettingName, unknown>>, incomplete = false) {
  const faults: Fault[] = [];
  const given = new Map<SettingName, Given>();
  for (const [name, value] of Object.entries(values)) {
    given.set(name as SettingName, { value, origin: { layer: "environment", spelled: name } });
  }
  return { faults, resolution: resolveValues({ given, incomplete, emptied: new Map() }, faults) };
}

Deno.test("every default is a value of its setting", () => {
  for (const name of SETTING_NAMES) {
    if (setting(name).default !== undefined) assert.notEqual(defaultValue(name), undefined, name);
  }
});

Deno.test("resolveValues reads YAML's own types and texts alike", () => {
  const { resolution, faults } = resolve({
    BATCH_SIZE: 5n,
    MAX_RETRIES: "7",
    S3_FORCE_PATH_STYLE: true,
    DISTRIBUTED_LOCK_ENABLED: "false",
    MONGODB_COLLECTIONS: ["a", 5n, 1.5, true],
    S3_BUCKET: 2026n,
    BATCH_TIMEOUT: " 2s ",
  });
  assert.deepEqual(faults, []);
  const { values } = resolution;
  assert.equal(values.BATCH_SIZE, 5);
  assert.equal(values.MAX_RETRIES, 7);
  assert.equal(values.S3_FORCE_PATH_STYLE, true);
  assert.equal(values.DISTRIBUTED_LOCK_ENABLED, false);
  assert.deepEqual(values.MONGODB_COLLECTIONS, ["a", "5", "1.5", "true"]);
  assert.equal(values.S3_BUCKET, "2026");
  assert.equal(values.BATCH_TIMEOUT, 2000);
});

Deno.test("resolveValues says what is allowed, and keeps the default in place of a wrong value", () => {
  const { resolution, faults } = resolve({ BATCH_SIZE: "many" });
  assert.deepEqual(faults, [{
    setting: "BATCH_SIZE",
    given: "many",
    origin: "environment BATCH_SIZE",
    problem: "It must be a whole number from 1 to 10000000.",
  }]);
  assert.equal(resolution.values.BATCH_SIZE, 50_000);
  assert(resolution.isBroken("FORMAT", "BATCH_SIZE"));
  assert(!resolution.isBroken("FORMAT"));
});

Deno.test("resolveValues reminds of a forgotten unit", () => {
  const { faults } = resolve({ BATCH_TIMEOUT: 30n, BATCH_BYTES: "64" });
  assert.deepEqual(faults.map((fault) => fault.next), [
    "Add the unit: 30s or 30ms.",
    "Add the unit: 64B or 64MiB.",
  ]);
});

const WRONG: Partial<Record<SettingName, unknown>> = {
  MONGODB_URI: "http://h",
  MONGODB_DATABASE: "a.b",
  MONGODB_COLLECTIONS: { a: 1 },
  WATCH_LEVEL: "cluster",
  PARTITIONS: "0",
  FULL_DOCUMENT: "updateLookup",
  FULL_DOCUMENT_BEFORE_CHANGE: "update-lookup",
  READING: "alone",
  REDACT: { password: true },
  START_FROM: "yesterday",
  SNAPSHOT: "always",
  SNAPSHOT_PARALLEL: "0",
  SNAPSHOT_RATE_MAX: "fast",
  SNAPSHOT_READ_PREFERENCE: "any",
  ON_HISTORY_LOST: "ignore",
  DESTINATION: "gs://b",
  JOURNAL: "gs://b",
  S3_BUCKET: "a",
  S3_PREFIX: "a?b",
  AWS_REGION: "Europe",
  S3_ENDPOINT: "minio:9000",
  S3_FORCE_PATH_STYLE: "yes",
  S3_SSE: "kms",
  S3_KMS_KEY_ID: "a b",
  S3_STORAGE_CLASS: "cold",
  S3_ACL: "everybody",
  FORMAT: "xml",
  COMPRESSION: "lzma",
  COMPRESSION_LEVEL: "0",
  JSON_MODE: "strict",
  KEY_STRATEGY: "daily",
  KEY_TEMPLATE: "",
  TABLES: "hudi",
  TABLE_INTERVAL: "0s",
  TABLE_COMPACTION: "maybe",
  TABLE_RETENTION: "6d",
  TABLE_WRITERS: "nobody",
  ICEBERG_CATALOG: "catalog.example",
  ICEBERG_WAREHOUSE: "a b",
  ICEBERG_NAMESPACE: "Lake",
  ICEBERG_TOKEN: "a b",
  ICEBERG_CREDENTIAL: "id",
  ICEBERG_OAUTH2_SERVER_URI: "login",
  ICEBERG_OAUTH2_SCOPE: "a\tb",
  ICEBERG_SIGV4: "Glue",
  BATCH_SIZE: "-1",
  BATCH_TIMEOUT: "0s",
  BATCH_BYTES: "0B",
  MEMORY_BUDGET: "-1MiB",
  ENCODERS: "1.5",
  UPLOADS_IN_FLIGHT: "0",
  MAX_RETRIES: "-1",
  RETRY_DELAY: "0ms",
  MAX_RETRY_DELAY: "1 s",
  PIPELINE_NAME: "a{b}",
  STATE_STORE: "sqlite",
  STATE_EXPIRY: "1s",
  RECORD_FORMAT: "4",
  REDIS_URL: "http://h",
  LEASES: "file",
  DISTRIBUTED_LOCK_ENABLED: "on",
  DISTRIBUTED_LOCK_TTL: "1ms",
  DISTRIBUTED_LOCK_REFRESH_INTERVAL: "0s",
  DISTRIBUTED_LOCK_RETRY_INTERVAL: "never",
  DISTRIBUTED_LOCK_KEY: "{a}",
  INSTANCE_NAME: "a\nb",
  HTTP_ADDRESS: "8080",
  HTTP_TOKEN: "short",
  HTTP_TLS_CERT: "",
  HTTP_TLS_KEY: "",
  READY_MAX_LAG: "5",
  METRICS_PREFIX: "a-b",
  LOG_LEVEL: "trace",
  LOG_FORMAT: "xml",
  SHUTDOWN_TIMEOUT: "0s",
};

Deno.test("resolveValues refuses for every setting what cannot be one", () => {
  const { faults } = resolve(WRONG);
  assert.deepEqual(faults.map((fault) => fault.setting), [...SETTING_NAMES]);
  assert(faults.every((fault) => fault.problem.startsWith("It must be ")));
});

Deno.test("missing is silent where the file could not be read", () => {
  const whole = resolve({});
  whole.resolution.missing("DESTINATION", "Set it.");
  assert.equal(whole.faults[0]?.problem, "It is required.");
  const part = resolve({}, true);
  part.resolution.missing("DESTINATION", "Set it.");
  assert.deepEqual(part.faults, []);
});

Deno.test("resolveValues refuses blanks that were quoted, and names the entry and the next step", () => {
  for (const entry of [" orders", "orders ", "\torders", "orders\n", "! orders", " !orders"]) {
    const { faults } = resolve({ MONGODB_COLLECTIONS: ["customers", entry] });
    assert.equal(faults.length, 1, entry);
    assert.equal(faults[0]!.setting, "MONGODB_COLLECTIONS");
    assert.equal(
      faults[0]!.problem,
      `The entry ${JSON.stringify(entry)} begins or ends with a blank.`,
    );
    assert.match(faults[0]!.next!, /^Write it without; .* pattern/);
  }
  const texts = {
    DESTINATION: "s3://lake/raw ",
    S3_PREFIX: " raw",
    MONGODB_DATABASE: "shop\n",
    MONGODB_URI: "mongodb://h/ ",
    KEY_TEMPLATE: "{db}/{coll}\n",
    STATE_STORE: "file:///state ",
    HTTP_ADDRESS: " :8080",
    HTTP_TLS_CERT: "/cert.pem ",
    PIPELINE_NAME: "shop ",
  } as const;
  for (const [name, value] of Object.entries(texts)) {
    const { faults } = resolve({ [name]: value });
    assert.deepEqual(
      faults.map(({ setting, problem }) => [setting, problem]),
      [[name, "It begins or ends with a blank or a line feed."]],
    );
  }
  assert.deepEqual(resolve({ MONGODB_COLLECTIONS: "orders, customers , !tmp" }).faults, []);
  assert.deepEqual(resolve({ MONGODB_COLLECTIONS: ["old orders", "* orders"] }).faults, []);
});
