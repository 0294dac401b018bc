import assert from "node:assert/strict";
import {
  type AcceptedLoss,
  acceptedStreams,
  listAccepted,
  putAccepted,
  readAccepted,
} from "../../../src/journal/accepted_losses.ts";
import { acceptedKey } from "../../../src/journal/journal_keys.ts";
import { PermanentError } from "../../../src/model/errors.ts";
import { mapStore } from "../../contract/journal_map_store.ts";

const ACCEPTED: AcceptedLoss = {
  v: 1,
  stream: "deployment",
  seq: 42,
  record: "id-42",
  gaps: 1,
  voidedObjects: 0,
  deadLetters: 0,
  reason: "loaded anew from the backup of Friday",
  acceptedBy: "host-1",
  acceptedAt: "2026-11-28T03:00:00.000Z",
};

Deno.test("putAccepted writes once, beside the journal, and the first one counts", async () => {
  const { store, files } = mapStore();
  assert.deepEqual(await putAccepted(store, ACCEPTED), ACCEPTED);
  assert.deepEqual([...files.keys()], ["_tributary/accepted/deployment/0000000000000042.json"]);
  const later = { ...ACCEPTED, reason: "again", acceptedBy: "host-2" };
  assert.deepEqual(await putAccepted(store, later), ACCEPTED);
  assert.deepEqual(await readAccepted(store, "deployment", 42), ACCEPTED);
  assert.equal(await readAccepted(store, "deployment", 43), undefined);
});

Deno.test("putAccepted says so where another record with that number was accepted", async () => {
  const { store } = mapStore();
  await putAccepted(store, ACCEPTED);
  await assert.rejects(
    putAccepted(store, { ...ACCEPTED, record: "of-a-copy" }),
    /Cannot accept record 42 of deployment.*move that file away/,
  );
});

Deno.test("listAccepted finds all of one stream and nothing of others, over pages", async () => {
  const { store, files } = mapStore();
  for (let seq = 0; seq < 2100; seq += 2) await putAccepted(store, { ...ACCEPTED, seq });
  await putAccepted(store, { ...ACCEPTED, stream: "deployment2", seq: 7 });
  files.set("_tributary/accepted/deployment/notes.txt", new Uint8Array());
  const seqs = await listAccepted(store, "deployment");
  assert.equal(seqs.length, 1050);
  assert.equal(seqs.at(-1), 2098);
  assert.deepEqual(await listAccepted(store, "deploy"), []);
  assert.deepEqual(await acceptedStreams(store), ["deployment", "deployment2"]);
});

Deno.test("readAccepted leaves out fields it does not know, and stops at a later version", async () => {
  const { store, files } = mapStore();
  const key = acceptedKey("deployment", 42);
  const put = (value: object) => files.set(key, new TextEncoder().encode(JSON.stringify(value)));
  put({ ...ACCEPTED, ticket: "OPS-7" });
  assert.deepEqual(await readAccepted(store, "deployment", 42), ACCEPTED);
  put({ ...ACCEPTED, v: 2 });
  await assert.rejects(readAccepted(store, "deployment", 42), PermanentError);
});
