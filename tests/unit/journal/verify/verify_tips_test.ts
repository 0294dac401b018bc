import assert from "node:assert/strict";
import { encodeRecord } from "../../../../src/journal/codec/record_codec.ts";
import { extendTip, type Tip, writeTip } from "../../../../src/journal/tips.ts";
import { TipFollower } from "../../../../src/journal/verify/verify_tips.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { genesis, heartbeat } from "../../../contract/journal_contract.ts";
import { mapStore } from "../../../contract/journal_map_store.ts";

const RECORDS: readonly JournalRecord[] = Array.from(
  { length: 2000 },
  (_, seq) => seq === 0 ? genesis("g") : heartbeat(seq),
);

Deno.test("TipFollower compares the records with each tip, from the beginning or from a tip on", async () => {
  const { store } = mapStore();
  let tip: Tip | undefined;
  for (const record of RECORDS) {
    tip = extendTip(tip, record);
    if (record.seq % 1000 === 999) await writeTip(store, "deployment", tip);
  }
  for (const first of [0, 500]) {
    assert.deepEqual(await followed(store, RECORDS.slice(first)), []);
    const changed = { ...heartbeat(1500), owner: "stranger" };
    const found = await followed(store, RECORDS.slice(first).with(1500 - first, changed));
    assert.match(found.join(), /^records changed since its tip was written: hash differ$/);
  }
});

async function followed(
  store: Parameters<typeof writeTip>[0],
  records: readonly JournalRecord[],
): Promise<string[]> {
  const follower = new TipFollower(store as never, "deployment");
  const found = [];
  for (const record of records) found.push(await follower.follow(record, encodeRecord(record)));
  return found.filter((each) => each !== undefined);
}
