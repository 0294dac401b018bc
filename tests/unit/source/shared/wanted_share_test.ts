import assert from "node:assert/strict";
import { WantedShare } from "../../../../src/source/shared/wanted_share.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("WantedShare lets the server leave out what nobody wants where that is most of it", () => {
  const share = new WantedShare(new VirtualClock());
  assert.equal(share.note(1999, 0), false);
  assert.equal(share.isFiltered, false);
  assert.equal(share.note(1, 0), true);
  assert.equal(share.isFiltered, true);
  assert.equal(share.note(5000, 5000), false);
});

Deno.test("WantedShare leaves it to us where most is wanted, and looks at what comes anew", () => {
  const share = new WantedShare(new VirtualClock());
  assert.equal(share.note(2000, 1000), false);
  assert.equal(share.note(2000, 999), true);
});

Deno.test("WantedShare tries again after a while without a filter", async () => {
  const clock = new VirtualClock();
  const share = new WantedShare(clock);
  share.note(2000, 0);
  await clock.advance(599_999);
  assert.equal(share.note(1, 1), false);
  await clock.advance(1);
  assert.equal(share.note(1, 1), true);
  assert.equal(share.isFiltered, false);
});

Deno.test("WantedShare takes an event that cannot be read for one that nobody wants, once", () => {
  const share = new WantedShare(new VirtualClock());
  assert.equal(share.blame(), true);
  assert.equal(share.isFiltered, true);
  assert.equal(share.blame(), false);
});
