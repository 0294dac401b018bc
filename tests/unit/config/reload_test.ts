import assert from "node:assert/strict";
import { setting, SETTING_NAMES } from "../../../src/config/table/schema.ts";
import { type Reading, takeOver } from "../../../src/config/reload.ts";
import { load, REQUIRED, type Written } from "../../support/load_config.ts";

function reading(env: Readonly<Record<string, string>>, more: Written = {}): Reading {
  const result = load({ ...more, env: { ...REQUIRED, ...env } });
  assert.ok(result.ok, JSON.stringify(result));
  return result;
}

Deno.test("takeOver() takes each setting that can be read again, and says what it was and is", () => {
  const before = reading({ MONGODB_COLLECTIONS: "shop.orders", BATCH_SIZE: "10" });
  const now = {
    MONGODB_COLLECTIONS: "shop.orders,shop.items",
    BATCH_SIZE: "20",
    BATCH_TIMEOUT: "5s",
    BATCH_BYTES: "1MiB",
    LOG_LEVEL: "debug",
  };
  const { inForce, changes, needRestart } = takeOver(before, reading(now));
  assert.deepEqual(needRestart, []);
  assert.deepEqual(changes.map(({ setting, before, now }) => `${setting} ${before} ${now}`), [
    "MONGODB_COLLECTIONS shop.orders shop.orders,shop.items",
    "BATCH_SIZE 10 20",
    "BATCH_TIMEOUT 30s 5s",
    "BATCH_BYTES 32MiB 1MiB",
    "LOG_LEVEL info debug",
  ]);
  assert.deepEqual(inForce.config, reading(now).config);
  assert.ok(Object.isFrozen(inForce.config));
  const all = SETTING_NAMES.filter((name) => setting(name).reload !== undefined);
  assert.deepEqual(changes.map((change) => change.setting), all, "no other setting is read again");
});

Deno.test("takeOver() changes nothing where all is as it was", () => {
  const before = reading({ BATCH_SIZE: "10" });
  const { inForce, changes, needRestart } = takeOver(before, reading({ BATCH_SIZE: "10" }));
  assert.deepEqual([changes, needRestart], [[], []]);
  assert.deepEqual(inForce.config, before.config);
});

Deno.test("takeOver() names what waits for a restart, each time until it has come", () => {
  const before = reading({ LOG_LEVEL: "info" });
  const read = reading({ LOG_LEVEL: "warn", FORMAT: "csv", ENCODERS: "3", MAX_RETRIES: "3" }, {
    yaml: "pipeline: [{ $match: { operationType: insert } }]",
  });
  const first = takeOver(before, read);
  // Three encoders are what four cores lead to anyway.
  assert.deepEqual(first.needRestart, ["FORMAT", "MAX_RETRIES", "pipeline"]);
  assert.equal(first.inForce.config.encoding.format, "parquet");
  assert.equal(first.inForce.config.logLevel, "warn");
  const second = takeOver(first.inForce, read);
  assert.deepEqual(second.needRestart, first.needRestart);
  assert.deepEqual(second.changes, []);
});

Deno.test("takeOver() sees a secret that has changed, and shows it nowhere", () => {
  const of = (password: string) =>
    reading({ MONGODB_URI: "" }, { flags: { "mongodb-uri": `mongodb://u:${password}@h/` } });
  const taken = takeOver(of("one-secret"), of("two-secret"));
  assert.deepEqual(taken.needRestart, ["MONGODB_URI"]);
  assert.deepEqual(taken.changes, []);
});

Deno.test("takeOver() leaves the list of collections alone where it leads to another kind of stream", () => {
  const list = (MONGODB_COLLECTIONS: string, env: Record<string, string> = {}) =>
    reading({ MONGODB_COLLECTIONS, ...env });
  const named = list("shop.orders");
  for (
    const [before, now] of [
      [named, list("shop.o*")],
      [named, list("orders", { MONGODB_DATABASE: "shop" })],
      [list("shop.o*"), list("crm.o*")],
      [list("shop.o*"), list("*.o*")],
      [list("shop.o*"), list("shop.o*", { WATCH_LEVEL: "collection" })],
    ] as const
  ) {
    const { inForce, needRestart, changes } = takeOver(before, now);
    assert.deepEqual(inForce.config.watch, before.config.watch);
    assert.deepEqual(changes, []);
    assert.ok(needRestart.length > 0);
  }
  const filter = takeOver(list("shop.o*"), list("shop.o*,!shop.old"));
  assert.deepEqual(filter.needRestart, []);
  assert.deepEqual(filter.inForce.config.watch, list("shop.o*,!shop.old").config.watch);
});

Deno.test("takeOver() takes no batch that the memory in force cannot hold", () => {
  const before = reading({ MEMORY_BUDGET: "64MiB" });
  const read = reading({ MEMORY_BUDGET: "1GiB", BATCH_BYTES: "128MiB", BATCH_SIZE: "9" });
  const { inForce, needRestart } = takeOver(before, read);
  assert.deepEqual(needRestart, ["BATCH_BYTES", "MEMORY_BUDGET"]);
  assert.equal(inForce.config.batchBytesMax, 32 * 1024 ** 2);
  assert.equal(inForce.config.batchRowsMax, 9);
});
