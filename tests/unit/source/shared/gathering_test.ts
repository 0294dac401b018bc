import assert from "node:assert/strict";
import { Gathering } from "../../../../src/source/shared/gathering.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

Deno.test("Gathering is over when nobody has come for a while", async () => {
  const clock = new VirtualClock();
  const gathering = new Gathering(clock);
  assert.equal(gathering.isUnderWay, false);
  for (let i = 0; i < 3; i++) {
    gathering.note();
    await clock.advance(199);
    assert.equal(gathering.isUnderWay, true);
  }
  await clock.advance(1);
  assert.equal(gathering.isUnderWay, false);
});

Deno.test("Gathering is over after five seconds, though they go on coming, and begins anew when it was ended", async () => {
  const clock = new VirtualClock();
  const gathering = new Gathering(clock);
  for (let ms = 0; ms < 4_900; ms += 100) {
    gathering.note();
    assert.equal(gathering.isUnderWay, true);
    await clock.advance(100);
  }
  gathering.note();
  await clock.advance(100);
  assert.equal(gathering.isUnderWay, false);
  gathering.end();
  gathering.note();
  assert.equal(gathering.isUnderWay, true);
});
