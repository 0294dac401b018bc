/** Views and time series of a real server, which have no change events: named and by pattern. */
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { runFake } from "../support/fake_host.ts";
import { mongodbUri, uniqueName } from "../support/services.ts";

const FORMS = [
  { kind: "view", collections: "orders,open", refused: /open is a view, .*MONGODB_COLLECTIONS/ },
  { kind: "time series", collections: "weather", refused: /weather holds a time series, / },
];

Deno.test("check and run refuse a view and a time series by name, with what to do", async () => {
  await using world = await open();
  for (const { kind, collections, refused } of FORMS) {
    const env = { ...world.env, MONGODB_COLLECTIONS: collections };
    const checked = await runFake("check", { env });
    assert.equal(checked.code, 3, kind);
    assert.match(checked.stdout, refused);
    assert.equal(checked.stdout.match(/^failed/gm)?.length, 1, checked.stdout);
    const run = await runFake("run", { env });
    assert.equal(run.code, 3, kind);
    assert.match(run.stderr, refused);
  }
});

Deno.test("check says what a pattern leaves out", async () => {
  await using world = await open();
  for (const watch of [{}, { MONGODB_COLLECTIONS: "*", WATCH_LEVEL: "collection" }]) {
    const { code, stdout } = await runFake("check", { env: { ...world.env, ...watch } });
    assert.equal(code, 0, stdout);
    const { database } = world;
    const leftOut =
      `${database}.open (view), ${database}.weather (time series) have no change events`;
    assert(stdout.includes(leftOut), stdout);
  }
});

async function open() {
  const client = new MongoClient(mongodbUri());
  const database = uniqueName("without");
  const db = client.db(database);
  await db.createCollection("orders");
  await db.createCollection("open", { viewOn: "orders", pipeline: [] });
  await db.createCollection("weather", { timeseries: { timeField: "at" } });
  const folder = await Deno.makeTempDir();
  return {
    database,
    env: {
      MONGODB_URI: mongodbUri(),
      MONGODB_DATABASE: database,
      DESTINATION: `file://${folder}`,
      HTTP_ADDRESS: "none",
    },
    async [Symbol.asyncDispose]() {
      await db.dropDatabase();
      await client.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
