import assert from "node:assert/strict";
import { Timestamp } from "mongodb";
import { HistoryLostError, TransientError } from "../../../../../src/model/errors.ts";
import { cappedTime } from "../../../../../src/source/mongo/documents/capped_time.ts";
import { SETTINGS } from "../../../../support/lake_world.ts";
import { fakeClient } from "../../fake_client.ts";

const NEVER = new AbortController().signal;
const piece = {
  database: "shop",
  collection: "log",
  uuid: "0".repeat(32),
  isCapped: true,
} as const;
const REQUEST = { piece, suffix: "0".repeat(12), row: 0, settings: SETTINGS };

Deno.test("rows of a capped collection have the time that the majority has before anything is read", async () => {
  const ts = new Timestamp({ t: 7, i: 2 });
  const { client } = fakeClient(() => ({ lastWrite: { majorityOpTime: { ts } } }));
  assert.deepEqual(await cappedTime(client, REQUEST, NEVER), { t: 7, i: 2 });
  const silent = fakeClient(() => ({}));
  await assert.rejects(cappedTime(silent.client, REQUEST, NEVER), TransientError);
});

Deno.test("what was read of a capped collection is never read again", async () => {
  const { client, sent } = fakeClient(() => ({}));
  const again = cappedTime(client, { ...REQUEST, at: { t: 7, i: 2 } }, NEVER);
  await assert.rejects(again, HistoryLostError);
  assert.deepEqual(sent, []);
});
