import assert from "node:assert/strict";
import { secretsOf } from "../../../src/config/secrets.ts";
import { configOf } from "../../support/load_config.ts";

Deno.test("secretsOf finds passwords, plain and decoded, and the token", () => {
  const config = configOf({
    MONGODB_URI: "mongodb://ann:p%40ssword@h/",
    REDIS_URL: "rediss://:hunter22@cache:6379",
    HTTP_TOKEN: "token-123",
  });
  assert.deepEqual(secretsOf(config).sort(), ["hunter22", "p%40ssword", "p@ssword", "token-123"]);
});

Deno.test("secretsOf finds what logs in to a catalog", () => {
  const catalog = {
    MONGODB_URI: "mongodb://h/",
    TABLES: "iceberg",
    ICEBERG_CATALOG: "https://catalog.example",
  };
  const secretsFor = (env: Record<string, string>) => secretsOf(configOf({ ...catalog, ...env }));
  assert.deepEqual(secretsFor({ ICEBERG_TOKEN: "of-somebody" }), ["of-somebody"]);
  assert.deepEqual(secretsFor({ ICEBERG_CREDENTIAL: "ours:hush-hush" }), ["hush-hush"]);
  assert.deepEqual(secretsFor({}), []);
});

Deno.test("secretsOf leaves out what is too short to be masked everywhere", () => {
  assert.deepEqual(secretsOf(configOf({ MONGODB_URI: "mongodb://root:root@h/" })), []);
});
