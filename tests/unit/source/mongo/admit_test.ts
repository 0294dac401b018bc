import assert from "node:assert/strict";
import { type Document, Timestamp } from "mongodb";
import { HistoryLostError, PermanentError } from "../../../../src/model/errors.ts";
import { positionAfterTime, positionAt } from "../../../../src/model/position.ts";
import { admit } from "../../../../src/source/mongo/admit.ts";
import { PLAIN_SETTINGS } from "../../../contract/source_contract.ts";
import { fakeClient, serverError } from "../fake_client.ts";

const never = new AbortController().signal;

function requestOf(collection: string, t: number) {
  const stream = { level: "collection", database: "shop", collection } as const;
  const from = positionAfterTime({ t, i: 1 });
  return { stream, from, settings: PLAIN_SETTINGS, images: "as-set" as const };
}

/** A server with an oplog from second 50 to 100. */
function server(views: () => Document[]) {
  return fakeClient((command) => {
    if (command["hello"] !== undefined) {
      return { setName: "rs0", operationTime: new Timestamp({ t: 100, i: 1 }) };
    }
    if (command["listCollections"] !== undefined) return views();
    const o = { msg: "periodic noop" };
    return { cursor: { firstBatch: [{ ts: new Timestamp({ t: 50, i: 1 }), op: "n", o }] } };
  });
}

Deno.test("admit says of each stream why it cannot be read, and asks once about one place", async () => {
  const { client, sent } = server(() => [{ name: "v", type: "view" }]);
  const streams = Array.from({ length: 100 }, (_, i) => requestOf(`c${i}`, 60));
  const requests = [
    ...streams,
    ...[requestOf("v", 60), requestOf("old", 10), requestOf("new", 500), requestOf("a{2}", 60)],
  ];
  const faults = await admit(client, requests, never);
  assert.deepEqual(faults.slice(0, 100), Array(100).fill(undefined));
  assert.ok(faults[100] instanceof PermanentError);
  assert.match(faults[100].message, /shop\.v is a view/);
  assert.ok(faults[101] instanceof HistoryLostError);
  assert.ok(faults[102] instanceof HistoryLostError);
  assert.match(faults[103]!.message, /shop\.a\{2\}/);
  assert.ok(sent.length < 10, `${sent.length} commands`);
});

Deno.test("admit leaves views to the server where they may not be listed", async () => {
  const { client } = server(() => {
    throw serverError(13);
  });
  const from = positionAt({ t: 60, i: 1 });
  assert.deepEqual(await admit(client, [{ ...requestOf("v", 60), from }], never), [undefined]);
});

Deno.test("admit throws where the server is away", async () => {
  const { client } = fakeClient(() => {
    throw new Error("away");
  });
  await assert.rejects(admit(client, [requestOf("a", 60)], never), /away/);
});
