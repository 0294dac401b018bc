import assert from "node:assert/strict";
import { acceptLosses } from "../../../../src/journal/losses/accept_losses.ts";
import { readAccepted } from "../../../../src/journal/losses/accepted_losses.ts";
import { createObjectJournal } from "../../../../src/journal/object_journal.ts";
import type { JournalRecord } from "../../../../src/model/record.ts";
import { genesis, heartbeat } from "../../../contract/journal_contract.ts";
import { mapStore } from "../../../contract/journal_map_store.ts";
import { BATCH_WITH_LETTERS, gap, voided } from "../../../support/lossy_records.ts";

const HOW = {
  reason: "loaded anew",
  acceptedBy: "host-1",
  acceptedAt: "2026-11-28T03:00:00.000Z",
};

const RECORDS = [genesis("g"), BATCH_WITH_LETTERS, gap(2), voided(3, 2), heartbeat(4)];

async function lake(streams: readonly string[], records: readonly JournalRecord[] = RECORDS) {
  const { store, files } = mapStore();
  const journal = createObjectJournal(store);
  for (const key of streams) for (const each of records) await journal.append(key, each);
  return { store, files, journal };
}

Deno.test("acceptLosses notes each record that names a loss, with what it names", async () => {
  const { store, journal } = await lake(["deployment"]);
  const accepted = await acceptLosses(store, journal, { ...HOW, seqs: [1, 2, 3] });
  const counts = accepted.map((a) => [a.seq, a.record, a.gaps, a.voidedObjects, a.deadLetters]);
  assert.deepEqual(counts, [
    [1, "id-1", 0, 0, 2],
    [2, "id-2", 1, 0, 0],
    [3, "id-3", 0, 2, 0],
  ]);
  assert.deepEqual(
    { ...await readAccepted(store, "deployment", 2), isEarlier: false },
    accepted[1],
  );
  const [again] = await acceptLosses(store, journal, { ...HOW, reason: "other", seqs: [2] });
  assert.deepEqual(again, { ...accepted[1], isEarlier: true });
});

Deno.test("acceptLosses writes nothing where one of the records names no loss, and says which", async () => {
  const { store, files, journal } = await lake(["deployment"]);
  const before = files.size;
  for (
    const [seq, why] of [
      [4, /record 4 of deployment: it is a heartbeat record and says of nothing that it is lost/],
      [9, /record 9 of deployment: it is not there/],
    ] as const
  ) {
    await assert.rejects(acceptLosses(store, journal, { ...HOW, seqs: [2, seq] }), why);
  }
  assert.equal(files.size, before);
});

Deno.test("acceptLosses wants to know which of several streams is meant", async () => {
  const keys = ["collection.shop.orders", "collection.shop.items"];
  const { store, journal } = await lake(keys);
  const all = acceptLosses(store, journal, { ...HOW, seqs: [2] });
  await assert.rejects(all, /2 streams at once: name one of them with --stream: collection:shop\./);
  const none = acceptLosses(store, journal, { ...HOW, seqs: [2], stream: "shop.carts" });
  await assert.rejects(none, /there is no stream shop\.carts in this lake/);
  const [one] = await acceptLosses(store, journal, { ...HOW, seqs: [2], stream: "shop.items" });
  assert.equal(one?.stream, "collection.shop.items");
});

Deno.test("acceptLosses twice gives what was accepted first", async () => {
  const { store, journal } = await lake(["deployment"]);
  await acceptLosses(store, journal, { ...HOW, seqs: [2] });
  const [again] = await acceptLosses(store, journal, { ...HOW, seqs: [2], reason: "once more" });
  assert.equal(again?.reason, "loaded anew");
});
