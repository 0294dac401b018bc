import assert from "node:assert/strict";
import fc from "fast-check";
import { createObjectJournal } from "../../../src/journal/object_journal.ts";
import { encodeRecord } from "../../../src/journal/codec/record_codec.ts";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";
import { positionAt } from "../../../src/model/position.ts";
import { nextTurn } from "../../../src/support/flow/next_turn.ts";
import { genesis, heartbeat } from "../../contract/journal_contract.ts";
import { mapStore } from "../../contract/journal_map_store.ts";

const FOLDER = "_tributary/streams/deployment/";

Deno.test("createObjectJournal puts records and starts where the protocol says", async () => {
  const { store, files } = mapStore();
  const journal = createObjectJournal(store);
  await journal.putStart("collection.shop.orders", positionAt({ t: 5, i: 1 }));
  await journal.append("collection.shop.orders.e1.2of4", genesis("a"));
  await journal.append("collection.shop.orders.e1.2of4", heartbeat(12));
  assert.deepEqual([...files.keys()], [
    "_tributary/start/collection.shop.orders.json",
    "_tributary/streams/collection.shop.orders.e1.2of4/0000000000000000.json",
    "_tributary/streams/collection.shop.orders.e1.2of4/0000000000000012.json",
  ]);
  assert.equal(
    new TextDecoder().decode(files.get("_tributary/start/collection.shop.orders.json")),
    '{\n  "v": 1,\n  "target": "collection.shop.orders",\n' +
      '  "position": {"operationTime":{"t":5,"i":1},"data":""}\n}\n',
  );
});

Deno.test("last is right for any length and hint, with about 2 * log2(n) gets", async () => {
  const { store, files, gets } = mapStore();
  const journal = createObjectJournal(store);
  const hints = fc.oneof(fc.double(), fc.integer(), fc.nat({ max: 5000 }));
  const lengths = fc.integer({ min: 1, max: 3000 });
  await fc.assert(
    fc.asyncProperty(lengths, hints, async (length, hint) => {
      files.clear();
      for (let seq = 0; seq < length; seq++) files.set(recordKey(seq), encode(seq));
      gets.length = 0;
      const last = await journal.last("deployment", hint);
      assert.equal(last?.seq, length - 1);
      assert(gets.length <= 2 * Math.log2(length) + 4, `${gets.length} gets for ${length}`);
    }),
    { numRuns: 100 },
  );
});

Deno.test("last needs two gets with a right hint, and one on an empty journal", async () => {
  const { store, files, gets } = mapStore();
  const journal = createObjectJournal(store);
  assert.equal(await journal.last("deployment"), undefined);
  assert.deepEqual(gets.splice(0), [recordKey(0)]);
  for (let seq = 0; seq < 100; seq++) files.set(recordKey(seq), encode(seq));
  assert.equal((await journal.last("deployment", 99))?.seq, 99);
  assert.deepEqual(gets, [recordKey(99), recordKey(100)]);
});

Deno.test("streams asks once for all that ask meanwhile, and tells each what was there when it asked", async () => {
  const { store, files } = mapStore();
  const held = Promise.withResolvers<void>();
  let lists = 0;
  const journal = createObjectJournal({
    ...store,
    listFolders: async (prefix) => {
      const found = await store.listFolders(prefix);
      if (++lists === 1) await held.promise;
      return found;
    },
  });
  files.set("_tributary/streams/database.a/0000000000000000.json", encode(0));
  const first = journal.streams();
  await nextTurn();
  files.set("_tributary/streams/database.b/0000000000000000.json", encode(0));
  const later = [journal.streams(), journal.streams(), journal.streams()];
  held.resolve();
  assert.deepEqual(await first, ["database.a"]);
  for (const each of later) assert.deepEqual(await each, ["database.a", "database.b"]);
  assert.equal(lists, 2);
  assert.equal(new Set(await Promise.all(later)).size, 3, "each may change its own");
});

Deno.test("read refuses a record that lies under another seq's key", async () => {
  const { store, files } = mapStore();
  files.set(recordKey(4), encode(5));
  await assert.rejects(createObjectJournal(store).read("deployment", 4), {
    name: "PermanentError",
    message: `Cannot read the journal record "${recordKey(4)}": its seq is 5`,
  });
});

Deno.test("last and read stop at a record of a newer version", async () => {
  const { store, files } = mapStore();
  files.set(recordKey(0), encode(0));
  files.set(recordKey(1), new TextEncoder().encode('{"v":2,"kind":"merge","seq":1}'));
  const journal = createObjectJournal(store);
  await assert.rejects(journal.last("deployment"), PermanentError);
  await assert.rejects(journal.read("deployment", 1), /a newer tributary wrote it/);
});

Deno.test("exists sees a tip that is left of a journal", async () => {
  const { store, files } = mapStore();
  files.set(`${FOLDER}tip/0000000000000999.json`, new Uint8Array(1));
  assert.equal(await createObjectJournal(store).exists("deployment"), true);
});

Deno.test("append and putStart pass the store's errors through", async () => {
  const failed = new TransientError("Cannot put: timed out");
  const journal = createObjectJournal({
    ...mapStore().store,
    putIfAbsent: () => Promise.reject(failed),
  });
  await assert.rejects(journal.append("deployment", genesis("a")), failed);
  await assert.rejects(journal.putStart("deployment", positionAt({ t: 1, i: 1 })), failed);
});

Deno.test("putStart asks to be tried again where the earlier start cannot be seen", async () => {
  const { store } = mapStore();
  const journal = createObjectJournal({ ...store, putIfAbsent: () => Promise.resolve("exists") });
  await assert.rejects(journal.putStart("deployment", positionAt({ t: 1, i: 1 })), TransientError);
});

Deno.test("readStart refuses a damaged start file by its key", async () => {
  const { store, files } = mapStore();
  files.set("_tributary/start/deployment.json", new TextEncoder().encode('{"v":1}'));
  await assert.rejects(
    createObjectJournal(store).readStart("deployment"),
    /^PermanentError: .*"_tributary\/start\/deployment.json": field "target" is missing/,
  );
});

function recordKey(seq: number): string {
  return `${FOLDER}${String(seq).padStart(16, "0")}.json`;
}

function encode(seq: number): Uint8Array {
  return encodeRecord(seq === 0 ? genesis("g") : heartbeat(seq));
}
