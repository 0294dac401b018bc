import assert from "node:assert/strict";
import { createObjectJournal } from "../../../src/journal/object_journal.ts";
import { readRawRecord, recordOf } from "../../../src/journal/read_raw_record.ts";
import { genesis } from "../../contract/journal_contract.ts";
import { mapStore } from "../../contract/journal_map_store.ts";

Deno.test("readRawRecord gives a record with its bytes, and says what is wrong with it", async () => {
  const { store, files } = mapStore();
  await createObjectJournal(store).append("deployment", genesis("g"));
  const [key] = [...files.keys()];
  const read = await readRawRecord(store, "deployment", 0);
  assert.deepEqual(read, { record: genesis("g"), bytes: files.get(key!) });
  assert.deepEqual(recordOf(read), genesis("g"));
  assert.equal(await readRawRecord(store, "deployment", 1), "missing");
  assert.equal(recordOf("missing"), undefined);
  files.set(key!, new TextEncoder().encode('{"v": 9}'));
  const later = await readRawRecord(store, "deployment", 0);
  assert(typeof later === "object" && "fault" in later);
  assert.match(later.fault, /a newer tributary wrote it/);
  assert.equal(recordOf(later), undefined);
});
