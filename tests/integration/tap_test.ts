/** `tributary tap` at a real server. */
import assert from "node:assert/strict";
import { runFake } from "../support/fake_host.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { mongodbUri, uniqueName } from "../support/services.ts";

type Order = { readonly _id: number; readonly password?: string };

async function withOrders(
  work: (env: Record<string, string>, since: string) => Promise<void>,
): Promise<void> {
  await using writer = createMongoWriter(uniqueName("tap"));
  const db = writer.client.db(writer.database);
  const { operationTime } = await db.command({ appendOplogNote: 1, data: {} }).catch(() =>
    db.admin().command({ appendOplogNote: 1, data: { test: "tap" } })
  );
  const orders = db.collection<Order>("orders");
  await orders.insertOne({ _id: 1, password: "hush" });
  await orders.updateOne({ _id: 1 }, { $set: { password: "hush2" } });
  await orders.insertOne({ _id: 2 });
  const env = { MONGODB_URI: mongodbUri(), MONGODB_DATABASE: writer.database };
  await work(env, `${operationTime.t}.${operationTime.i}`);
}

Deno.test("tap prints what a run would make, with stages, images and REDACT, and stops at the count", async () => {
  await withOrders(async (env, since) => {
    const files = new Map([["tap.yaml", 'pipeline: [{ $set: { "fullDocument.seen": true } }]\n']]);
    const line = `tap --config tap.yaml --redact password --from ${since} --count 2`;
    const { code, stdout, stderr } = await runFake(line, { env, files });
    assert.deepEqual([code, stderr], [0, ""]);
    const rows = stdout.trimEnd().split("\n").map((row) => JSON.parse(row));
    assert.deepEqual(rows.map((row) => [row.operation, row.full_document]), [
      ["insert", { _id: 1, seen: true }],
      ["update", { _id: 1, seen: true }],
    ]);
    assert.deepEqual(rows[1].update_description.updatedFields, {});
    assert.doesNotMatch(stdout, /hush/);
  });
});

Deno.test("tap says what would be a dead letter, and that nothing has come", async () => {
  await withOrders(async (env, since) => {
    const required = { ...env, FULL_DOCUMENT: "required" };
    const dead = await runFake(`tap --from ${since} --count 3`, { env: required });
    assert.equal(dead.code, 0);
    assert.equal(dead.stdout.trimEnd().split("\n").length, 2);
    assert.match(
      dead.stderr,
      /^tributary: update of \S+\.orders \{"_id":1\} cannot be a row and would be a dead letter: /,
    );
    const none = await runFake("tap --timeout 300ms", { env });
    assert.deepEqual([none.code, none.stdout], [1, ""]);
    assert.match(none.stderr, /^tributary: Nothing has changed in database:\S+ within 300ms: /);
  });
});
