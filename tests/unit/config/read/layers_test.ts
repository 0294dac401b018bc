import assert from "node:assert/strict";
import { maskedValue, readLayers } from "../../../../src/config/read/layers.ts";
import { sourcesOf, type Written } from "../../../support/load_config.ts";

function layers(written: Written) {
  return readLayers(sourcesOf(written));
}

Deno.test("readLayers says where each value comes from", () => {
  const { given, faults } = layers({
    flags: { "format": "csv" },
    env: { BATCH_SIZE: "2" },
    yaml: "jsonMode: canonical\n",
  });
  assert.deepEqual(faults, []);
  assert.deepEqual([...given].map(([name, { origin }]) => [name, origin.layer, origin.spelled]), [
    ["JSON_MODE", "file", "t.yaml (jsonMode)"],
    ["BATCH_SIZE", "environment", "BATCH_SIZE"],
    ["FORMAT", "flag", "--format"],
  ]);
});

Deno.test("readLayers takes TRIBUTARY_CONFIG, and --config before it", () => {
  const files = { "a.yaml": "format: csv\n", "b.yaml": "format: avro\n" };
  const env = { TRIBUTARY_CONFIG: "a.yaml" };
  assert.equal(layers({ env, files }).given.get("FORMAT")?.value, "csv");
  assert.equal(
    layers({ env, files, flags: { config: "b.yaml" } }).given.get("FORMAT")?.value,
    "avro",
  );
});

Deno.test("readLayers counts an empty variable and a null in YAML as nothing", () => {
  assert.equal(layers({ env: { FORMAT: "" }, yaml: "compression:\n" }).given.size, 0);
});

Deno.test("readLayers takes blanks around variables and flags away", () => {
  const { given } = layers({
    env: { MONGODB_URI: "mongodb://h/\n", FORMAT: " ", PIPELINE_NAME: "  " },
    flags: { destination: " s3://lake/raw\t" },
  });
  assert.deepEqual([...given].map(([name, { value }]) => [name, value]), [
    ["MONGODB_URI", "mongodb://h/"],
    ["DESTINATION", "s3://lake/raw"],
  ]);
});

Deno.test("readLayers reads secrets from files, in every layer", () => {
  const files = { "/run/uri": "mongodb://h/\n" };
  const path = "/run/uri";
  for (
    const written of [
      { files, env: { MONGODB_URI_FILE: path } },
      { files, flags: { "mongodb-uri-file": path } },
      { files, yaml: `mongodbUriFile: ${path}\n` },
    ]
  ) {
    const { given, faults } = layers(written);
    assert.deepEqual(faults, []);
    assert.equal(given.get("MONGODB_URI")?.value, "mongodb://h/");
  }
});

Deno.test("readLayers knows no _FILE of a setting that is no secret", () => {
  const { faults } = layers({ flags: { "format-file": "x" } });
  assert.equal(faults[0]?.setting, "--format-file");
});

Deno.test("readLayers refuses a secret given by value and by file in one layer", () => {
  const { faults } = layers({
    files: { "/t": "token-123" },
    env: { HTTP_TOKEN: "token-456", HTTP_TOKEN_FILE: "/t" },
  });
  assert.match(
    faults[0]!.problem,
    /twice: by environment HTTP_TOKEN and by environment HTTP_TOKEN_FILE/,
  );
});

Deno.test("readLayers lets a secret's file in a stronger layer replace its value in a weaker one", () => {
  const { given, faults } = layers({
    files: { "/t": "token-123" },
    env: { HTTP_TOKEN: "token-456" },
    flags: { "http-token-file": "/t" },
  });
  assert.deepEqual(faults, []);
  assert.equal(given.get("HTTP_TOKEN")?.value, "token-123");
});

Deno.test("readLayers names the file of a secret that cannot be read", () => {
  const { given, faults } = layers({ env: { REDIS_URL_FILE: "/gone" } });
  assert.equal(faults[0]?.setting, "REDIS_URL_FILE");
  assert.match(faults[0]!.problem, /No such file: \/gone/);
  assert.equal(given.get("REDIS_URL")?.unusable, true);
});

Deno.test("readLayers suggests the setting that an unknown key or flag is near to", () => {
  for (
    const [written, next] of [
      [{ yaml: "batchSzie: 1\n" }, "Did you mean batchSize?"],
      [{ yaml: "BATCH_SIZE: 1\n" }, "Did you mean batchSize?"],
      [{ yaml: "piepline: []\n" }, "Did you mean pipeline?"],
      [{ flags: { "batchsize": "1" } }, "Did you mean --batch-size?"],
      [{ flags: { "frobnicate": "1" } }, "`tributary config schema` lists all settings."],
    ] as const
  ) {
    assert.equal(layers(written).faults[0]?.next, next);
  }
});

Deno.test("readLayers minds no variable it does not know", () => {
  assert.deepEqual(
    layers({ env: { BATCH_SIZ: "1", TRIBUTARY_SERVICE_HOST: "10.0.0.1" } }).faults,
    [],
  );
});

Deno.test("maskedValue hides secrets wholly or in part", () => {
  assert.equal(maskedValue("HTTP_TOKEN", "abc"), "***");
  assert.equal(maskedValue("MONGODB_URI", "mongodb://a:b@h/x"), "mongodb://***@h/x");
  assert.equal(maskedValue("MONGODB_COLLECTIONS", ["a", "b"]), "a,b");
  assert.equal(maskedValue("FORMAT", { a: 1 }), "a map");
});
