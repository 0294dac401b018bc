import assert from "node:assert/strict";
import { loadConfig } from "../../../src/config/load.ts";
import { asInFile, type SettingsGiven } from "../../../src/config/settings_given.ts";
import { MACHINE, sourcesOf } from "../../support/load_config.ts";

const REQUIRED: SettingsGiven = {
  mongodbUri: "mongodb://h/",
  mongodbCollections: ["shop.orders", "shop.items"],
  destination: "file:///lake",
};

const load = (given: SettingsGiven, env: Record<string, string> = {}) =>
  loadConfig({ ...sourcesOf({ env }), given }, MACHINE);

Deno.test("what a program gives means what it means in the YAML file, and is stronger than the rest", () => {
  const given: SettingsGiven = {
    ...REQUIRED,
    batchSize: 77,
    batchBytes: "1MiB",
    s3ForcePathStyle: true,
    pipeline: [{ $match: { operationType: "insert" } }],
  };
  const loaded = load(given, { BATCH_SIZE: "5", BATCH_TIMEOUT: "9s" });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const { config } = loaded;
  assert.equal(config.batchRowsMax, 77);
  assert.equal(config.batchBytesMax, 1 << 20);
  assert.equal(config.batchTimeoutMs, 9000);
  assert.equal(config.stages.length, 1);
  assert.deepEqual(config.watch.level, "collection");
});

Deno.test("faults of what a program gives name the key", () => {
  const loaded = load({ ...REQUIRED, batchSize: 1.5, batchTimeout: "soon" });
  assert.ok(!loaded.ok);
  assert.deepEqual(loaded.faults.map(({ setting, origin }) => [setting, origin]), [
    ["BATCH_SIZE", "program batchSize"],
    ["BATCH_TIMEOUT", "program batchTimeout"],
  ]);
});

Deno.test("asInFile tells whole numbers from others, wherever they are", () => {
  assert.deepEqual(asInFile([1, 1.5, { n: 2, s: "3", no: null }]), [
    1n,
    1.5,
    { n: 2n, s: "3", no: null },
  ]);
});
