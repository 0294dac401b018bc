import assert from "node:assert/strict";
import { createObjectJournal } from "../../../src/journal/object_journal.ts";
import { writeTips } from "../../../src/journal/tip_writer.ts";
import { extendTip, readTip, type Tip } from "../../../src/journal/tips.ts";
import { TransientError } from "../../../src/model/errors.ts";
import type { JournalRecord } from "../../../src/model/record.ts";
import type { Journal } from "../../../src/pipeline/ports.ts";
import { genesis, heartbeat } from "../../contract/journal_contract.ts";
import { mapStore } from "../../contract/journal_map_store.ts";

Deno.test("writeTips writes a tip behind each thousandth record, without reading", async () => {
  const { store, gets } = mapStore();
  const journal = writeTips(createObjectJournal(store), store, fail);
  await appendAll(journal, 0, 2001);
  assert.deepEqual(await readTip(store, "deployment", 999), expectedTip(999));
  assert.deepEqual(await readTip(store, "deployment", 1999), expectedTip(1999));
  assert.equal(gets.length, 2);
});

Deno.test("writeTips catches up where another instance wrote the records before", async () => {
  const { store } = mapStore();
  const plain = createObjectJournal(store);
  await appendAll(plain, 0, 2500);
  await appendAll(writeTips(plain, store, fail), 2500, 3000);
  for (const seq of [999, 1999, 2999]) {
    assert.deepEqual(await readTip(store, "deployment", seq), expectedTip(seq));
  }
});

Deno.test("writeTips catches up over records of a later version as they lie there", async () => {
  const { store, files } = mapStore();
  const plain = createObjectJournal(store);
  await appendAll(plain, 0, 999);
  const key = "_tributary/streams/deployment/0000000000000500.json";
  const text = new TextDecoder().decode(files.get(key));
  const later = new TextEncoder().encode(text.replace('"v": 1,', '"v": 2, "later": true,'));
  assert.notDeepEqual(later, files.get(key));
  files.set(key, later);
  await appendAll(writeTips(plain, store, fail), 999, 1000);
  let tip: Tip | undefined;
  for (let seq = 0; seq < 1000; seq++) {
    tip = seq === 500 ? extendTip(tip, record(seq), later) : extendTip(tip, record(seq));
  }
  assert.deepEqual(await readTip(store, "deployment", 999), tip);
});

Deno.test("writeTips gets over a record that was appended although the answer was lost", async () => {
  const { store } = mapStore();
  const plain = createObjectJournal(store);
  const journal = writeTips(plain, store, fail);
  await appendAll(journal, 0, 500);
  await plain.append("deployment", heartbeat(500));
  assert.equal(await journal.append("deployment", heartbeat(500)), "exists");
  await appendAll(journal, 501, 1000);
  assert.deepEqual(await readTip(store, "deployment", 999), expectedTip(999));
});

Deno.test("writeTips appends although the tip cannot be written, and tells of it", async () => {
  const { store } = mapStore();
  const down = new TransientError("Cannot put: down");
  const failures: unknown[] = [];
  const journal = writeTips(
    createObjectJournal(store),
    { ...store, putIfAbsent: () => Promise.reject(down) },
    (...failure) => failures.push(failure),
  );
  await appendAll(journal, 0, 1001);
  assert.deepEqual(failures, [["deployment", 999, down]]);
  assert.equal((await journal.last("deployment"))?.seq, 1000);
});

Deno.test("writeTips tells of a hole in the journal instead of counting over it", async () => {
  const { store, files } = mapStore();
  const plain = createObjectJournal(store);
  await appendAll(plain, 0, 999);
  files.delete("_tributary/streams/deployment/0000000000000070.json");
  const failures: string[] = [];
  const journal = writeTips(plain, store, (_, seq, error) => failures.push(`${seq}: ${error}`));
  await journal.append("deployment", heartbeat(999));
  assert.equal(failures.length, 1);
  assert.match(failures[0]!, /^999: PermanentError: .* record 70 is missing$/);
});

Deno.test("writeTips leaves a long chain without tips to verify", async () => {
  const { store, gets } = mapStore();
  const failures: string[] = [];
  const journal = writeTips(
    createObjectJournal(store),
    store,
    (_, seq, error) => failures.push(`${seq}: ${error}`),
  );
  await journal.append("deployment", heartbeat(1_000_999));
  assert.match(failures.join(), /^1000999: PermanentError: .*the 10 before it are missing$/);
  assert.equal(gets.length, 10);
});

Deno.test("writeTips keeps the chains of two streams apart", async () => {
  const { store } = mapStore();
  const journal = writeTips(createObjectJournal(store), store, fail);
  for (let seq = 0; seq < 1000; seq++) {
    for (const key of ["deployment", "database.shop"]) await journal.append(key, record(seq));
  }
  assert.deepEqual(await readTip(store, "deployment", 999), expectedTip(999));
  assert.deepEqual(await readTip(store, "database.shop", 999), expectedTip(999));
});

async function appendAll(journal: Journal, from: number, to: number): Promise<void> {
  for (let seq = from; seq < to; seq++) {
    assert.equal(await journal.append("deployment", record(seq)), "appended");
  }
}

function record(seq: number): JournalRecord {
  return seq === 0 ? genesis("g") : heartbeat(seq);
}

function expectedTip(seq: number): Tip {
  let tip: Tip | undefined;
  for (let each = 0; each <= seq; each++) tip = extendTip(tip, record(each));
  return tip!;
}

function fail(streamKey: string, seq: number, error: unknown): never {
  throw new Error(`the tip of ${streamKey} at ${seq} failed: ${error}`);
}
