import assert from "node:assert/strict";
import { changedSettings, type StreamSettings } from "../../../src/model/settings.ts";

const settings: StreamSettings = {
  fullDocument: "update-lookup",
  fullDocumentBeforeChange: "off",
  namespaces: { include: ["shop.*"], exclude: [] },
  stages: [{ $match: { "fullDocument.address": { city: "Ulm", zip: "1" } } }],
  encoding: { format: "parquet", compression: "zstd", jsonMode: "relaxed" },
  keyRule: { template: "{db}/{coll}", bucket: "hour" },
  encoderVersion: 1,
};

Deno.test("changedSettings names each setting in which two differ", () => {
  const others: StreamSettings = {
    fullDocument: "off",
    fullDocumentBeforeChange: "required",
    namespaces: { include: ["shop.*"], exclude: ["shop.tmp"] },
    stages: [],
    encoding: { ...settings.encoding, compressionLevel: 3 },
    keyRule: { ...settings.keyRule, bucket: "day" },
    encoderVersion: 2,
  };
  for (const name of Object.keys(settings) as (keyof StreamSettings)[]) {
    assert.deepEqual(changedSettings(settings, { ...settings, [name]: others[name] }), [name]);
  }
  assert.deepEqual(changedSettings(settings, others), Object.keys(settings));
});

Deno.test("changedSettings does not look at the order of keys, except in stages", () => {
  const turned = turn(settings) as StreamSettings;
  assert.deepEqual(changedSettings(settings, { ...turned, stages: settings.stages }), []);
  // An embedded document equals another only with its fields in the same order.
  assert.deepEqual(changedSettings(settings, turned), ["stages"]);
});

Deno.test("changedSettings takes an absent field and an undefined one for the same", () => {
  const encoding = { ...settings.encoding, compressionLevel: undefined };
  const loose = { ...settings, encoding } as unknown as StreamSettings;
  assert.deepEqual(changedSettings(settings, loose), []);
});

function turn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turn);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).reverse().map(([name, each]) => [name, turn(each)]),
  );
}
