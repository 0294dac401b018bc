import assert from "node:assert/strict";
import { streamSettings } from "../../../src/config/stream_settings.ts";
import { changedSettings } from "../../../src/model/settings.ts";
import { configOf } from "../../support/load_config.ts";

Deno.test("streamSettings holds what selects events and makes bytes", () => {
  const config = configOf(
    { MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: "a*", KEY_STRATEGY: "flat" },
    "pipeline: [{$match: {n: 1}}]\n",
  );
  assert.deepEqual(streamSettings(config, 3), {
    fullDocument: "update-lookup",
    fullDocumentBeforeChange: "off",
    namespaces: { include: ["shop.a*"], exclude: [] },
    reading: "namespace",
    stages: [{ $match: { n: { $numberInt: "1" } } }],
    encoding: { format: "parquet", compression: "zstd", jsonMode: "relaxed" },
    keyRule: { template: "", bucket: "none" },
    encoderVersion: 3,
  });
});

Deno.test("streamSettings of a collection do not change with the collections beside it", () => {
  const one = streamSettings(configOf({ MONGODB_COLLECTIONS: "shop.a" }), 1);
  const two = streamSettings(configOf({ MONGODB_COLLECTIONS: "shop.a,shop.b" }), 1);
  assert.deepEqual(changedSettings(one, two), []);
});

Deno.test("streamSettings name what is removed from events only where something is", () => {
  assert(!("redact" in streamSettings(configOf({}), 1)));
  const settings = streamSettings(configOf({ REDACT: "password,iban,password" }), 1);
  assert.deepEqual(settings.redact, ["iban", "password"]);
});

Deno.test("streamSettings name how collections are read only where that is by namespace", () => {
  assert.equal(streamSettings(configOf({}), 1).reading, "namespace");
  assert(!("reading" in streamSettings(configOf({ READING: "own" }), 1)));
});
