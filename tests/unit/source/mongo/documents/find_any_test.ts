import assert from "node:assert/strict";
import { BSON, Long, Timestamp } from "mongodb";
import { HistoryLostError, TransientError } from "../../../../../src/model/errors.ts";
import { findAny } from "../../../../../src/source/mongo/documents/find_any.ts";
import { fakeClient, serverError } from "../../fake_client.ts";

const NEVER = new AbortController().signal;
const ORDERS = { database: "shop", collection: "orders" };
const TIME = { t: 7, i: 2 };

function reply(documents: readonly object[], at?: typeof TIME) {
  const cursor = { firstBatch: documents, id: Long.ZERO, ns: "shop.orders" };
  const time = at === undefined ? {} : { atClusterTime: new Timestamp(at) };
  return { cursor: BSON.serialize({ ...cursor, ...time }) };
}

Deno.test("one document is asked for, as of a time or of the newest", async () => {
  const { client, sent } = fakeClient(() => reply([{ _id: 1 }], TIME));
  assert.deepEqual(await findAny(client, ORDERS, NEVER), { isEmpty: false, at: TIME });
  assert.deepEqual(await findAny(client, { ...ORDERS, at: TIME }, NEVER), {
    ...{ isEmpty: false, at: TIME },
  });
  const [newest, of] = sent.map(({ command }) => command);
  assert.deepEqual([newest!["find"], newest!["limit"]], ["orders", 1]);
  assert.deepEqual(newest!["readConcern"], { level: "snapshot" });
  assert.deepEqual(of!["readConcern"], {
    ...{ level: "snapshot", atClusterTime: new Timestamp(TIME) },
  });
});

Deno.test("a server that names no time is believed of the time that was asked for, and of no other", async () => {
  const { client } = fakeClient(() => reply([]));
  assert.deepEqual(await findAny(client, { ...ORDERS, at: TIME }, NEVER), {
    ...{ isEmpty: true, at: TIME },
  });
  assert.deepEqual(await findAny(client, ORDERS, NEVER), { isEmpty: true, at: { t: 0, i: 0 } });
});

Deno.test("a time that cannot be read is told from what may pass", async () => {
  const { client } = fakeClient(() => {
    throw serverError(246);
  });
  await assert.rejects(findAny(client, { ...ORDERS, at: TIME }, NEVER), HistoryLostError);
  await assert.rejects(findAny(client, ORDERS, NEVER), TransientError);
});
