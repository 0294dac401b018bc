import assert from "node:assert/strict";
import { Gathering } from "../../../../src/source/shared/gathering.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("Gathering of one alone is over soon, of several when nobody has come for a second", async () => {
  const clock = new VirtualClock();
  const gathering = new Gathering(clock);
  assert.equal(gathering.isUnderWay, false);
  gathering.note(1);
  await clock.advance(199);
  assert.equal(gathering.isUnderWay, true);
  await clock.advance(1);
  assert.equal(gathering.isUnderWay, false);
  for (let i = 0; i < 3; i++) {
    gathering.note(1);
    await clock.advance(999);
    assert.equal(gathering.isUnderWay, true);
  }
  await clock.advance(1);
  assert.equal(gathering.isUnderWay, false);
});

Deno.test("Gathering is over after ten seconds, though they go on coming, and begins anew when it was ended", async () => {
  const clock = new VirtualClock();
  const gathering = new Gathering(clock);
  for (let ms = 0; ms < 10_000; ms += 500) {
    gathering.note(16);
    assert.equal(gathering.isUnderWay, true);
    await clock.advance(500);
  }
  gathering.note(16);
  assert.equal(gathering.isUnderWay, false);
  gathering.end();
  gathering.note(1);
  assert.equal(gathering.isUnderWay, true);
});
