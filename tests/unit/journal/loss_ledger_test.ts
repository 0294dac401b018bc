import assert from "node:assert/strict";
import { putAccepted } from "../../../src/journal/accepted_losses.ts";
import { acceptedKey, recordKey, tipKey } from "../../../src/journal/journal_keys.ts";
import { LossLedger } from "../../../src/journal/loss_ledger.ts";
import { createObjectJournal } from "../../../src/journal/object_journal.ts";
import { writeTips } from "../../../src/journal/tip_writer.ts";
import { TransientError } from "../../../src/model/errors.ts";
import { lossesOf } from "../../../src/model/losses.ts";
import type { JournalRecord } from "../../../src/model/record.ts";
import type { KnownLosses } from "../../../src/pipeline/stages.ts";
import { genesis, heartbeat } from "../../contract/journal_contract.ts";
import { type MapStore, mapStore } from "../../contract/journal_map_store.ts";
import { eventually } from "../../support/eventually.ts";
import { BATCH_WITH_LETTERS, gap, voided } from "../../support/lossy_records.ts";

const KEY = "deployment";

/** A journal of so many records, a few of which say that something is lost; its tips as writers leave them. */
async function lake(records: number, lossy: readonly JournalRecord[]): Promise<MapStore> {
  const map = mapStore();
  const journal = writeTips(createObjectJournal(map.store), map.store, () => {});
  for (let seq = 0; seq < records; seq++) {
    const special = lossy.find((each) => each.seq === seq);
    await journal.append(KEY, special ?? (seq === 0 ? genesis("g") : heartbeat(seq)));
  }
  map.gets.length = 0;
  return map;
}

/** A ledger over the lake, and what it told. */
function open(map: MapStore, store: Partial<MapStore["store"]> = {}) {
  const told: Omit<KnownLosses, "seq">[] = [];
  const failures: unknown[] = [];
  const ledger = new LossLedger({ ...map.store, ...store }, (_, error) => failures.push(error));
  const opened = (last: JournalRecord) =>
    ledger.opened(KEY, last, ({ seq: _, ...each }) => told.push(each));
  return { ledger, told, failures, opened };
}

function counts(gaps: number, voidedObjects = 0, deadLetters = 0, acceptedRecords = 0) {
  return { gaps, voidedObjects, deadLetters, acceptedRecords };
}

Deno.test("LossLedger counts a journal that is taken over from its last tip on", async () => {
  const map = await lake(3500, [gap(40), voided(1500, 3), { ...BATCH_WITH_LETTERS, seq: 3200 }]);
  const { told, opened } = open(map);
  opened(heartbeat(3499));
  await eventually(() => told.length > 0);
  assert.deepEqual(told, [counts(1, 3, 2)]);
  assert.deepEqual(map.gets.slice(0, 2), [tipKey(KEY, 2999), recordKey(KEY, 3000)]);
  assert.equal(map.gets.length, 1 + 500);
});

Deno.test("LossLedger reads no more than the records behind a tip, however long the journal is", async () => {
  const map = await lake(1999, [gap(5)]);
  const { told, opened } = open(map);
  opened(heartbeat(1998));
  await eventually(() => told.length > 0);
  assert.deepEqual(told, [counts(1)]);
  assert.equal(map.gets.length, 1 + 999);
});

Deno.test("LossLedger counts from the beginning where tips are gone, and passes over a damaged one", async () => {
  const map = await lake(2100, [gap(40), gap(1700)]);
  map.files.set(tipKey(KEY, 1999), new TextEncoder().encode("{"));
  const { told, opened } = open(map);
  opened(heartbeat(2099));
  await eventually(() => told.length > 0);
  assert.deepEqual(told, [counts(2)]);
  assert.ok(map.gets.includes(tipKey(KEY, 999)));
  assert.ok(!map.gets.includes(recordKey(KEY, 40)));
});

Deno.test("LossLedger asks for little at once, also where many journals are taken over", async () => {
  const map = await lake(60, [gap(3)]);
  let inFlight = 0;
  let most = 0;
  const told: KnownLosses[] = [];
  const ledger = new LossLedger({
    ...map.store,
    async get(key) {
      most = Math.max(most, ++inFlight);
      await eventually(() => true);
      inFlight--;
      return map.files.get(key.replace(/streams\/[^/]+/, `streams/${KEY}`));
    },
  }, () => {});
  for (let i = 0; i < 20; i++) ledger.opened(`s${i}`, heartbeat(59), (each) => told.push(each));
  await eventually(() => told.length === 20);
  assert.ok(most <= 8, `${most} requests at once`);
});

Deno.test("LossLedger counts what is appended without asking anybody", async () => {
  const map = await lake(1, []);
  const { ledger, told, opened } = open(map);
  opened(genesis("g"));
  for (const each of [gap(1), voided(2, 2), heartbeat(3)]) ledger.appended(KEY, each);
  assert.deepEqual(told, [counts(0), counts(1), counts(1, 2)]);
  assert.deepEqual(map.gets, []);
});

Deno.test("LossLedger counts records that are appended while it still reads once", async () => {
  const map = await lake(50, [gap(10)]);
  const { ledger, told, opened } = open(map);
  opened(heartbeat(49));
  const journal = createObjectJournal(map.store);
  for (const each of [gap(50), gap(51)]) {
    await journal.append(KEY, each);
    ledger.appended(KEY, each);
  }
  await eventually(() => told.length > 0);
  ledger.appended(KEY, gap(52));
  assert.deepEqual(told, [counts(3), counts(4)]);
});

Deno.test("LossLedger reads what others have written in between, and no more", async () => {
  const map = await lake(30, [gap(20)]);
  const { told, opened } = open(map);
  opened(heartbeat(29));
  await eventually(() => told.length > 0);
  const journal = createObjectJournal(map.store);
  await journal.append(KEY, gap(30));
  await journal.append(KEY, heartbeat(31));
  map.gets.length = 0;
  opened(heartbeat(31));
  await eventually(() => told.length > 1);
  assert.deepEqual(told, [counts(1), counts(2)]);
  assert.deepEqual(map.gets, [30, 31].map((seq) => recordKey(KEY, seq)));
});

Deno.test("LossLedger begins anew where the journal has lost its end", async () => {
  const map = await lake(30, [gap(20), gap(25)]);
  const { told, opened } = open(map);
  opened(heartbeat(29));
  await eventually(() => told.length > 0);
  opened(heartbeat(22));
  await eventually(() => told.length > 1);
  assert.deepEqual(told, [counts(2), counts(1)]);
});

Deno.test("LossLedger leaves out what was accepted: at once when it takes over, and at the next look", async () => {
  const map = await lake(30, [gap(20), voided(25, 4)]);
  await accept(map, gap(20));
  const { ledger, told, opened } = open(map);
  opened(heartbeat(29));
  await eventually(() => told.length > 0);
  assert.deepEqual(told, [counts(0, 4, 0, 1)]);
  await accept(map, voided(25, 4));
  await ledger.look([KEY]);
  assert.deepEqual(told.slice(1), [counts(0, 0, 0, 2)]);
  map.files.delete(acceptedKey(KEY, 20));
  await ledger.look([KEY]);
  assert.deepEqual(told.slice(2), [counts(1, 0, 0, 1)]);
  map.files.delete(acceptedKey(KEY, 25));
  await ledger.look([KEY]);
  assert.deepEqual(told.slice(3), [counts(1, 4)]);
});

Deno.test("LossLedger takes an acceptance that it cannot read for none", async () => {
  const map = await lake(30, [gap(20)]);
  map.files.set(acceptedKey(KEY, 20), new TextEncoder().encode("{}"));
  const { told, failures, opened } = open(map);
  opened(heartbeat(29));
  await eventually(() => told.length > 0);
  assert.deepEqual([told, failures], [[counts(1)], []]);
});

Deno.test("LossLedger lists nothing where nothing is lost, or the stream is not held", async () => {
  const map = await lake(30, [gap(20)]);
  let listings = 0;
  const store = {
    listFolders: (prefix: string) => {
      listings++;
      return map.store.listFolders(prefix);
    },
  };
  const { ledger, told, opened } = open(map, store);
  opened(heartbeat(29));
  await eventually(() => told.length > 0);
  ledger.opened("other", genesis("g"), () => {});
  await ledger.look(["other"]);
  assert.equal(listings, 0);
  await ledger.look(["other", KEY]);
  assert.equal(listings, 1);
});

Deno.test("LossLedger says what it could not read, and reads it at the next look", async () => {
  const map = await lake(30, [gap(20)]);
  let isDown = true;
  const down = new TransientError("Cannot get: down");
  const get = (key: string) => isDown ? Promise.reject(down) : map.store.get(key);
  const { ledger, told, failures, opened } = open(map, { get });
  opened(heartbeat(29));
  await eventually(() => failures.length > 0);
  assert.deepEqual(failures, [down]);
  assert.deepEqual(told, []);
  isDown = false;
  await ledger.look([KEY]);
  await eventually(() => told.length > 0);
  assert.deepEqual(told, [counts(1)]);
});

async function accept({ store }: MapStore, record: JournalRecord): Promise<void> {
  await putAccepted(store, {
    v: 1,
    stream: KEY,
    seq: record.seq,
    record: record.id,
    ...lossesOf(record),
    reason: "loaded anew",
    acceptedBy: "host",
    acceptedAt: "2026-11-28T03:00:00.000Z",
  });
}
