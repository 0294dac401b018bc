import assert from "node:assert/strict";
import { BSON, MongoServerError } from "mongodb";
import { PermanentError } from "../../../../src/model/errors.ts";
import type { Stream } from "../../../../src/model/stream.ts";
import { checkToken } from "../../../../src/source/mongo/check_token.ts";
import { fakeClient } from "../fake_client.ts";

const ORDERS: Stream = { level: "collection", database: "shop", collection: "orders" };
const NEVER = new AbortController().signal;
const DATA = "826B0B59D3000000012B022C0100296E04";

Deno.test("checkToken lets the server read the token, and drops the cursor", async () => {
  const streams: Record<string, Stream> = {
    orders: ORDERS,
    shop: { level: "database", database: "shop" },
    all: { level: "deployment" },
  };
  for (const stream of Object.values(streams)) {
    const cursor = BSON.serialize({ id: 5n, ns: "shop.orders", firstBatch: [] });
    const { client, sent } = fakeClient(() => ({ cursor }));
    await checkToken(client, stream, DATA, NEVER);
    const [{ command }, kill] = sent as [typeof sent[0], typeof sent[0]];
    assert.equal(command["pipeline"][0].$changeStream.startAfter._data, DATA);
    assert.equal(command["aggregate"], stream.level === "collection" ? "orders" : 1);
    assert.deepEqual(kill.command, { killCursors: "orders", cursors: [5n] });
  }
});

Deno.test("checkToken takes a token that the server could read, whether it has its event or not", async () => {
  for (const code of [50810, 280, 286]) await check(code);
});

Deno.test("checkToken refuses a token that the server cannot read, and says so", async () => {
  for (const code of [9, 15, 50795, 50796, 50811, 51055]) {
    await assert.rejects(check(code), (error) => {
      assert.ok(error instanceof PermanentError);
      assert.match(error.message, /cannot read it as a resume token \(no good\)/);
      return true;
    });
  }
});

Deno.test("checkToken passes on what is not about the token", async () => {
  for (const code of [13, 91, 11600]) await assert.rejects(check(code), MongoServerError);
});

async function check(code: number): Promise<void> {
  const { client } = fakeClient(() => {
    throw new MongoServerError({ code, message: "no good" });
  });
  await checkToken(client, ORDERS, DATA, NEVER);
}
