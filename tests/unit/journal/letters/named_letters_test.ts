import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { encodeRecord } from "../../../../src/journal/codec/record_codec.ts";
import { recordKey } from "../../../../src/journal/journal_keys.ts";
import { lettersOfRecords, namedLetters } from "../../../../src/journal/letters/named_letters.ts";
import {
  extendTip,
  isTipDue,
  RECORDS_PER_TIP,
  type Tip,
  writeTip,
} from "../../../../src/journal/tips.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { genesis, heartbeat } from "../../../contract/journal_contract.ts";

const STREAM = "database.shop";

/** The records with dead letters: two a segment of tips, and one behind the last tip. */
const SEQS = [10, 700, 1200, 1300, 2001];

const keyOf = (seq: number) => `_tributary/dead-letter/${STREAM}-00000000-${seq}-0.bson`;
const there = (seqs: readonly number[]) => seqs.map((seq) => ({ seq, key: keyOf(seq) }));

async function longJournal(hasTips = true): Promise<MemoryDestination> {
  const lake = new MemoryDestination();
  let tip: Tip | undefined;
  for (let seq = 0; seq < 2 * RECORDS_PER_TIP + 5; seq++) {
    const entry = { key: keyOf(seq), bytes: 1, events: [{ data: `82${seq}`, reason: "r" }] };
    const record: JournalRecord = seq === 0
      ? genesis("g")
      : SEQS.includes(seq)
      ? { ...heartbeat(seq), kind: "batch", objects: [], deadLetters: [entry] }
      : heartbeat(seq);
    tip = extendTip(tip, record);
    await lake.putIfAbsent(recordKey(STREAM, seq), encodeRecord(record));
    if (hasTips && isTipDue(seq)) await writeTip(lake, STREAM, tip);
  }
  return lake;
}

Deno.test("namedLetters finds what no file tells of, and reads only where a tip says more than the files", async () => {
  const lake = await longJournal();
  let reads = 0;
  const store = {
    head: (key: string) => lake.head(key),
    list: lake.list.bind(lake),
    get: (key: string) => (reads++, lake.get(key)),
  };
  assert.deepEqual(await namedLetters(store, STREAM, there(SEQS)), there(SEQS));
  assert(reads < 50, `${reads} reads`);
  assert.deepEqual(await namedLetters(store, STREAM, there([10, 700, 1300])), there(SEQS));
  assert(reads < 1100, `${reads} reads`);
  // A file that no record names makes up for none.
  const stray = { seq: 800, key: keyOf(800) };
  const found = await namedLetters(store, STREAM, [...there([10, 1200, 1300]), stray]);
  assert.deepEqual(found, there(SEQS));
});

Deno.test("namedLetters goes without tips, and knows no journal that is not there", async () => {
  const lake = await longJournal(false);
  assert.deepEqual(await namedLetters(lake, STREAM, []), there(SEQS));
  assert.deepEqual(await namedLetters(lake, "database.other", []), []);
});

Deno.test("lettersOfRecords names the files of records", async () => {
  const lake = await longJournal();
  assert.deepEqual(await lettersOfRecords(lake, STREAM, [9, 10, 9999]), there([10]));
});
