import assert from "node:assert/strict";
import { Timestamp } from "mongodb";
import {
  HistoryLostError,
  PermanentError,
  TransientError,
} from "../../../../../src/model/errors.ts";
import type { DocumentRequest } from "../../../../../src/pipeline/documents.ts";
import {
  goneReply,
  noTimeError,
  readError,
} from "../../../../../src/source/mongo/documents/read_error.ts";
import { SETTINGS } from "../../../../support/lake_world.ts";
import { serverError } from "../../fake_client.ts";

const TIME = { t: 7, i: 2 };
const piece = { database: "shop", collection: "orders", uuid: "0".repeat(32) };
const REQUEST = { piece, suffix: "0".repeat(12), row: 0, settings: SETTINGS };

const NEVER = new AbortController().signal;

/** `failure` is what the server answers who asks again. */
function gone(error: Error, failure?: Error, request: DocumentRequest = REQUEST) {
  const command = () => failure === undefined ? Promise.resolve({}) : Promise.reject(failure);
  return goneReply({ db: () => ({ command }) } as never, request, error, NEVER);
}

Deno.test("a collection that is another one, or none, is gone; other failures say nothing of it", async () => {
  assert.equal((await gone(serverError(26)))?.state, "gone");
  const refusal = Object.assign(serverError(361), { operationTime: new Timestamp(TIME) });
  assert.deepEqual((await gone(refusal))?.at, TIME);
  assert.equal(await gone(serverError(239), refusal), undefined);
});

Deno.test("where no time can be read, the collection may be another one that is capped", async () => {
  const refusal = Object.assign(serverError(361), { operationTime: new Timestamp(TIME) });
  assert.deepEqual((await gone(serverError(246), refusal))?.at, TIME);
  assert.equal(await gone(serverError(246)), undefined);
  assert.equal(await gone(serverError(246), serverError(13)), undefined);
});

Deno.test("a time that was asked for and cannot be read is lost, the newest one comes later", () => {
  assert(readError(serverError(239), { ...REQUEST, at: TIME }) instanceof HistoryLostError);
  assert(readError(serverError(239), REQUEST) instanceof TransientError);
  const refused = readError(serverError(13), REQUEST);
  assert(refused instanceof PermanentError);
  assert.match(refused.message, /^Cannot read shop\.orders: /);
  assert.match(noTimeError(REQUEST).message, /shop\.orders: the server does not say/);
});
