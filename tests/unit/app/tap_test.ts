import assert from "node:assert/strict";
import { targetsOf } from "../../../src/app/tap.ts";
import { streamName } from "../../../src/model/stream.ts";
import { configOf } from "../../support/load_config.ts";

function names(env: Record<string, string>): string[] {
  return targetsOf(configOf(env)).map(({ stream }) => streamName(stream));
}

Deno.test("tap opens the streams of a run, and one for collections that only patterns name", () => {
  assert.deepEqual(names({}), ["deployment"]);
  assert.deepEqual(names({ MONGODB_DATABASE: "shop" }), ["database:shop"]);
  assert.deepEqual(names({ MONGODB_COLLECTIONS: "shop.a,crm.b" }), [
    "collection:shop.a",
    "collection:crm.b",
  ]);
  const each = { WATCH_LEVEL: "collection" };
  assert.deepEqual(names({ ...each, MONGODB_COLLECTIONS: "shop.a*,shop.b" }), ["database:shop"]);
  assert.deepEqual(names({ ...each, MONGODB_COLLECTIONS: "shop.a*,*.b" }), ["deployment"]);
  const many = Array.from({ length: 17 }, (_, i) => `shop.c${i}`).join(",");
  assert.deepEqual(names({ MONGODB_COLLECTIONS: many }), ["database:shop"]);
});

Deno.test("tap makes rows of JSON Lines with the settings of a run", () => {
  const env = {
    REDACT: "password",
    JSON_MODE: "canonical",
    FULL_DOCUMENT: "off",
    FORMAT: "parquet",
  };
  const [target] = targetsOf(
    configOf({ ...env, MONGODB_COLLECTIONS: "shop.a*", WATCH_LEVEL: "collection" }),
  );
  const { settings } = target!;
  assert.deepEqual(settings.redact, ["password"]);
  assert.equal(settings.fullDocument, "off");
  assert.deepEqual(settings.namespaces, { include: ["shop.a*"], exclude: [] });
  assert.deepEqual(settings.encoding, {
    format: "jsonl",
    compression: "none",
    jsonMode: "canonical",
  });
});
