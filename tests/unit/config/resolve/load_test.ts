import assert from "node:assert/strict";
import fc from "fast-check";
import { faultLine, formatFaults } from "../../../../src/config/read/fault.ts";
import {
  loadHttpOptions,
  loadLakeConfig,
  type LoadResult,
} from "../../../../src/config/resolve/load.ts";
import {
  assertFault,
  configOf,
  faultsIn,
  faultsOf,
  load,
  MACHINE,
  REQUIRED,
  sourcesOf,
} from "../../../support/load_config.ts";

Deno.test("loadConfig fills every default of the design", () => {
  const config = configOf({});
  assert.deepEqual(JSON.parse(JSON.stringify(config)), {
    mongodbUri: "mongodb://localhost:27017/",
    watch: { level: "deployment", filter: { include: [], exclude: [] } },
    partitions: 1,
    fullDocument: "update-lookup",
    fullDocumentBeforeChange: "off",
    reading: "shared",
    snapshot: { kind: "where-possible" },
    snapshotParallel: 4,
    snapshotReadPreference: "primary",
    tableIntervalMs: 60_000,
    tableCompaction: false,
    tableWriters: "ours",
    tables: [],
    stages: [],
    redact: [],
    startFrom: { kind: "now" },
    onHistoryLost: "fail",
    destination: { scheme: "s3", bucket: "lake", prefix: "raw" },
    s3: {},
    encoding: { format: "parquet", compression: "zstd", jsonMode: "relaxed" },
    keyRule: {
      template: "db={db}/coll={coll}/year={yyyy}/month={MM}/day={dd}/hour={HH}/",
      bucket: "hour",
    },
    batchRowsMax: 50_000,
    batchTimeoutMs: 30_000,
    batchBytesMax: 32 * 1024 ** 2,
    memoryBudgetBytes: 192 * 1024 ** 2,
    encoders: 3,
    uploadsInFlight: 4,
    maxRetries: 10,
    retryDelayMs: 1000,
    maxRetryDelayMs: 60_000,
    pipelineName: "lake/raw",
    stateStore: { kind: "memory" },
    recordFormat: "auto",
    lock: {
      kind: "destination",
      isChosen: false,
      ttlMs: 30_000,
      refreshIntervalMs: 10_000,
      retryIntervalMs: 5000,
      keyPrefix: "tributary",
    },
    instanceName: "host-1",
    http: { isChosen: false, host: "127.0.0.1", port: 8080 },
    readyMaxLagMs: 300_000,
    metricsPrefix: "tributary",
    logLevel: "info",
    shutdownTimeoutMs: 30_000,
  });
});

Deno.test("loadConfig takes a flag before the environment, that before YAML, and that before the default", () => {
  const layers = fc.record({
    flag: fc.option(fc.integer({ min: 1, max: 9999 }), { nil: undefined }),
    environment: fc.option(fc.integer({ min: 1, max: 9999 }), { nil: undefined }),
    file: fc.option(fc.integer({ min: 1, max: 9999 }), { nil: undefined }),
  });
  fc.assert(fc.property(layers, ({ flag, environment, file }) => {
    const result = load({
      flags: flag === undefined ? {} : { "batch-size": `${flag}` },
      env: { ...REQUIRED, ...(environment === undefined ? {} : { BATCH_SIZE: `${environment}` }) },
      yaml: file === undefined ? "" : `batchSize: ${file}\n`,
    });
    assert(result.ok);
    assert.equal(result.config.batchRowsMax, flag ?? environment ?? file ?? 50_000);
    const layer = flag !== undefined ? "flag" : environment !== undefined ? "environment" : "file";
    const given = flag ?? environment ?? file;
    assert.equal(
      result.loaded.origins.get("BATCH_SIZE")?.layer,
      given === undefined ? undefined : layer,
    );
  }));
});

Deno.test("loadConfig lists every fault at once", () => {
  const result = load({
    flags: { "batch-size": "0", "nope": "x" },
    env: { FORMAT: "xml", BATCH_TIMEOUT: "30", HTTP_TLS_CERT: "c.pem" },
    yaml: "batchBites: 1\nkeyTemplate: '{x}'\n",
  });
  assert(!result.ok);
  assert.deepEqual(result.faults.map((fault) => fault.setting).sort(), [
    "--nope",
    "BATCH_SIZE",
    "BATCH_TIMEOUT",
    "DESTINATION",
    "FORMAT",
    "HTTP_TLS_CERT",
    "KEY_TEMPLATE",
    "MONGODB_URI",
    "batchBites",
  ]);
});

Deno.test("loadConfig gives a deeply frozen configuration", () => {
  const config = configOf({ MONGODB_COLLECTIONS: "shop.orders" });
  assert(Object.isFrozen(config) && Object.isFrozen(config.lock));
  assert(config.watch.level === "collection" && Object.isFrozen(config.watch.collections[0]));
});

Deno.test("loadConfig never shows a secret in a fault", () => {
  const result = load({
    env: {
      MONGODB_URI: "mongo://ann:pa/ss@w0rd@host/",
      REDIS_URL: "reddis://:hunter22@cache",
      HTTP_TOKEN: "hunter23 x",
      DESTINATION: "s3://AKIA1:hunter24@lake/raw",
      S3_ENDPOINT: "https://ann:hunter25@minio:9000",
    },
  });
  assert(!result.ok);
  const text = formatFaults(result.faults);
  assert.equal(result.faults.length, 5);
  assert.doesNotMatch(text, /hunter|pa\/ss|w0rd/);
});

Deno.test("loadConfig asks for nothing that may stand in a file it could not read", () => {
  assertFault(
    faultsIn(load({ flags: { config: "gone.yaml" } })),
    "TRIBUTARY_CONFIG",
    /No such file/,
  );
});

Deno.test("loadConfig does not ask for a setting again whose value could not be filled in", () => {
  const result = load({ env: { DESTINATION: "s3://lake" }, yaml: "mongodbUri: ${MISSING}\n" });
  assertFault(faultsIn(result), "mongodbUri", /MISSING, which is not set/);
});

Deno.test("loadConfig refuses a batch that is larger than the memory for all", () => {
  assertFault(faultsOf({ BATCH_BYTES: "200MiB" }), "BATCH_BYTES", /not be larger/);
  assertFault(faultsOf({ MEMORY_BUDGET: "16MiB" }), "MEMORY_BUDGET", /not be larger/);
  assert.equal(configOf({ MEMORY_BUDGET: "32MiB" }).batchBytesMax, 32 * 1024 ** 2);
});

Deno.test("loadConfig refuses a first retry delay over the longest", () => {
  assertFault(faultsOf({ RETRY_DELAY: "2m" }), "RETRY_DELAY", /not be longer/);
  assertFault(faultsOf({ MAX_RETRY_DELAY: "500ms" }), "MAX_RETRY_DELAY", /not be longer/);
});

Deno.test("loadLakeConfig needs no MongoDB, and does not look at what is watched", () => {
  const env = { DESTINATION: "s3://lake/raw", MONGODB_COLLECTIONS: "orders", PARTITIONS: "4" };
  const result = loadLakeConfig(sourcesOf({ env }), MACHINE);
  assert(result.ok);
  assert.equal(result.config.mongodbUri, undefined);
  assert(!("watch" in result.config));
});

Deno.test("loadLakeConfig lists every fault of the settings that it has", () => {
  const env = { MONGODB_URI: "http://h/", FORMAT: "papyrus" };
  const result = loadLakeConfig(sourcesOf({ env }), MACHINE);
  const names = faultsIn(result as LoadResult).map((fault) => fault.setting);
  assert.deepEqual(names.sort(), ["DESTINATION", "FORMAT", "MONGODB_URI"]);
});

Deno.test("loadHttpOptions asks for nothing but what HTTP needs", () => {
  const env = { HTTP_ADDRESS: "[::1]:9000", HTTP_TOKEN: "correct-horse" };
  const http = { isChosen: true, host: "::1", port: 9000, token: "correct-horse" };
  assert.deepEqual(loadHttpOptions(sourcesOf({ env })), { ok: true, http, faults: [] });
  const off = { HTTP_ADDRESS: "none" };
  assert.deepEqual(loadHttpOptions(sourcesOf({ env: off })), {
    ...{ ok: true, http: undefined, faults: [] },
  });
  const broken = loadHttpOptions(sourcesOf({ env: { HTTP_ADDRESS: "nowhere" } }));
  assert.equal(broken.ok, false);
  // What is wrong with the rest is told, and keeps nobody from asking.
  const other = loadHttpOptions(sourcesOf({ env: { ...env, BATCH_SIZE: "many" } }));
  assert(other.ok);
  assert.deepEqual([other.http, other.faults.map(({ setting }) => setting)], [http, [
    "BATCH_SIZE",
  ]]);
});

Deno.test("each fault in the YAML file names line and column", () => {
  const yaml = [
    "batchSize: x",
    "batchTimout: 30s",
    'mongodbCollections: [a, "b "]',
    "fullDocument: {x: 1}",
    "pipeline:",
    "  - $match: {a: 1}",
    "  - $foo: 1",
    "batchBytes: 1GiB",
    "mongodbUriFile: /gone",
  ].join("\n");
  const faults = faultsIn(load({ env: { DESTINATION: "s3://lake/raw" }, yaml }));
  assert.deepEqual(faults.map(({ setting, place }) => [setting, place]).sort(), [
    ["BATCH_BYTES", "t.yaml:8:13"],
    ["BATCH_SIZE", "t.yaml:1:12"],
    ["FULL_DOCUMENT", "t.yaml:4:15"],
    ["MONGODB_COLLECTIONS", "t.yaml:3:25"],
    ["MONGODB_URI_FILE", "t.yaml:9:17"],
    ["batchTimout", "t.yaml:2:1"],
    ["pipeline[1].$foo", "t.yaml:7:5"],
  ]);
  assert.match(
    faultLine(faults.find(({ setting }) => setting === "BATCH_SIZE")!),
    /^t\.yaml:1:12: BATCH_SIZE = "x": /,
  );
});

Deno.test("TABLE_RETENTION is refused where nothing is joined for tables", () => {
  const retention = { TABLE_RETENTION: "7d" };
  const all = { ...retention, TABLES: "delta", TABLE_COMPACTION: "true" };
  assert.equal(configOf(all).tableRetentionMs, 7 * 86_400_000);
  const cases = [retention, { ...all, TABLES: "none" }, { ...all, TABLE_COMPACTION: "false" }];
  for (const env of cases) {
    assertFault(faultsOf(env), "TABLE_RETENTION", /objects that were joined/);
  }
});
