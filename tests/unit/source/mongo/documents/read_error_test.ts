import assert from "node:assert/strict";
import { Timestamp } from "mongodb";
import {
  HistoryLostError,
  PermanentError,
  TransientError,
} from "../../../../../src/model/errors.ts";
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

Deno.test("a collection that is another one, or none, is gone; other failures say nothing of it", () => {
  assert.equal(goneReply(serverError(26))?.state, "gone");
  const refusal = Object.assign(serverError(361), { operationTime: new Timestamp(TIME) });
  assert.deepEqual(goneReply(refusal)?.at, TIME);
  assert.equal(goneReply(serverError(246)), undefined);
});

Deno.test("a time that was asked for and cannot be read is lost, the newest one comes later", () => {
  assert(readError(serverError(239), { ...REQUEST, at: TIME }) instanceof HistoryLostError);
  assert(readError(serverError(239), REQUEST) instanceof TransientError);
  const refused = readError(serverError(13), REQUEST);
  assert(refused instanceof PermanentError);
  assert.match(refused.message, /^Cannot read shop\.orders: /);
  assert.match(noTimeError(REQUEST).message, /shop\.orders: the server does not say/);
});
