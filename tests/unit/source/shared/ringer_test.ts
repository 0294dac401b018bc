import assert from "node:assert/strict";
import type { Member } from "../../../../src/source/shared/member.ts";
import { Ringer } from "../../../../src/source/shared/ringer.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

function scene() {
  const clock = new VirtualClock({ monotonicMs: 1000 });
  const rung: string[] = [];
  const member = (name: string, heldBytes: number) =>
    ({ heldBytes, ring: () => void rung.push(name) }) as unknown as Member;
  const ringer = new Ringer(clock);
  ringer.ringAll();
  return { clock, rung, member, ringer };
}

Deno.test("Ringer tells those at once who have much, and the others together after a while", async () => {
  const { clock, rung, member, ringer } = scene();
  ringer.note(member("little", 100));
  ringer.note(member("much", 64 * 1024));
  ringer.ringSome();
  assert.deepEqual(rung, ["much"]);
  await clock.advance(99);
  assert.deepEqual(rung, ["much"]);
  await clock.advance(1);
  assert.deepEqual(rung, ["much", "little"]);
  assert.equal(clock.timerCount, 0);
});

Deno.test("Ringer tells everybody where nothing more is to come, and nobody twice", () => {
  const { clock, rung, member, ringer } = scene();
  const [a, b] = [member("a", 1), member("b", 1)];
  for (const each of [a, b, a]) ringer.note(each);
  ringer.forget(b);
  ringer.ringAll();
  ringer.ringAll();
  assert.deepEqual(rung, ["a"]);
  assert.equal(clock.timerCount, 0);
});
