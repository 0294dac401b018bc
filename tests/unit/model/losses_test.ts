import assert from "node:assert/strict";
import {
  addLosses,
  isLoss,
  lossesOf,
  NO_LOSSES,
  withoutLosses,
} from "../../../src/model/losses.ts";
import { genesis, heartbeat } from "../../contract/journal_contract.ts";
import { BATCH_WITH_LETTERS, gap, voided } from "../../support/lossy_records.ts";

Deno.test("lossesOf counts gaps, objects given up and events in dead letters, and nothing else", () => {
  assert.deepEqual(lossesOf(genesis("g")), NO_LOSSES);
  assert.deepEqual(lossesOf(heartbeat(1)), NO_LOSSES);
  assert.deepEqual(lossesOf(gap(1)), { ...NO_LOSSES, gaps: 1 });
  assert.deepEqual(lossesOf(voided(1, 3)), { ...NO_LOSSES, voidedObjects: 3 });
  assert.deepEqual(lossesOf(BATCH_WITH_LETTERS), { ...NO_LOSSES, deadLetters: 2 });
});

Deno.test("losses add up, and what is taken from them leaves nothing at least", () => {
  const a = { gaps: 1, voidedObjects: 2, deadLetters: 3 };
  const sum = addLosses(a, { gaps: 1, voidedObjects: 0, deadLetters: 4 });
  assert.deepEqual(sum, { gaps: 2, voidedObjects: 2, deadLetters: 7 });
  assert.deepEqual(withoutLosses(sum, a), { gaps: 1, voidedObjects: 0, deadLetters: 4 });
  assert.deepEqual(withoutLosses(a, sum), NO_LOSSES);
});

Deno.test("isLoss is true for each kind alone", () => {
  assert.equal(isLoss(NO_LOSSES), false);
  for (const kind of ["gaps", "voidedObjects", "deadLetters"]) {
    assert.equal(isLoss({ ...NO_LOSSES, [kind]: 1 }), true);
  }
});
