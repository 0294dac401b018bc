import assert from "node:assert/strict";
import { type AcceptedLoss, putAccepted } from "../../../src/journal/accepted_losses.ts";
import { acceptedKey } from "../../../src/journal/journal_keys.ts";
import { AcceptedRecords } from "../../../src/journal/verify_accepted.ts";
import { lossesOf } from "../../../src/model/losses.ts";
import { heartbeat } from "../../contract/journal_contract.ts";
import { mapStore } from "../../contract/journal_map_store.ts";
import { gap } from "../../support/lossy_records.ts";

function acceptanceOf(seq: number, changed: Partial<AcceptedLoss> = {}): AcceptedLoss {
  return {
    v: 1,
    stream: "deployment",
    seq,
    record: gap(seq).id,
    ...lossesOf(gap(seq)),
    reason: "loaded anew",
    acceptedBy: "host-1",
    acceptedAt: "2026-11-28T03:00:00.000Z",
    ...changed,
  };
}

Deno.test("AcceptedRecords knows the record that was accepted, and no other with its number", async () => {
  const { store } = mapStore();
  await putAccepted(store, acceptanceOf(5));
  await putAccepted(store, acceptanceOf(6, { record: "of-a-copy" }));
  const accepted = await AcceptedRecords.read(store, "deployment");
  assert.equal(accepted.of(gap(5))?.reason, "loaded anew");
  assert.equal(accepted.of(gap(6)), undefined);
  assert.equal(accepted.of(gap(7)), undefined);
  assert.equal(accepted.of(heartbeat(5)), undefined);
});

Deno.test("AcceptedRecords names what belongs to no loss, from the first record that was looked at on", async () => {
  const { store, files } = mapStore();
  for (const seq of [3, 5, 9]) await putAccepted(store, acceptanceOf(seq));
  files.set(acceptedKey("deployment", 7), new TextEncoder().encode("{"));
  const accepted = await AcceptedRecords.read(store, "deployment");
  accepted.of(gap(5));
  const strays = accepted.strays(4);
  assert.equal(strays.length, 2);
  assert.match(strays[0]!, /^Cannot read the acceptance ".*7\.json"/);
  assert.match(strays[1]!, /9\.json" accepts a loss that record 9 does not name/);
  assert.equal(accepted.strays(0).length, 3);
});
