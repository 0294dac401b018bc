import assert from "node:assert/strict";
import { FleetRecordFormat, SETTLE_MS } from "../../../../src/pipeline/record/record_format.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const NEW = { recordVersion: 2 };
const NEWER = { recordVersion: 3 };
const OLD = {};

Deno.test("FleetRecordFormat writes version 1 until it has seen who is there", () => {
  const format = new FleetRecordFormat(new VirtualClock(), "auto");
  assert.deepEqual([format.versionAfter(), format.versionAfter(1)], [1, 1]);
});

Deno.test("FleetRecordFormat begins journals in version 2 where all members know it", () => {
  const format = new FleetRecordFormat(new VirtualClock(), "auto");
  format.noteMembers([NEW, NEWER]);
  assert.equal(format.versionAfter(), 2);
  format.noteMembers([NEW, OLD]);
  assert.equal(format.versionAfter(), 1);
});

Deno.test("FleetRecordFormat moves a journal on when all have known version 2 for an hour", async () => {
  const clock = new VirtualClock();
  const format = new FleetRecordFormat(clock, "auto");
  format.noteMembers([NEW]);
  await clock.advance(SETTLE_MS - 1);
  assert.equal(format.versionAfter(1), 1);
  format.noteMembers([NEW]);
  await clock.advance(1);
  assert.equal(format.versionAfter(1), 2);
});

Deno.test("FleetRecordFormat counts the hour anew where a member came that knows version 1 only", async () => {
  const clock = new VirtualClock();
  const format = new FleetRecordFormat(clock, "auto");
  format.noteMembers([NEW]);
  await clock.advance(SETTLE_MS);
  format.noteMembers([NEW, OLD]);
  format.noteMembers([NEW]);
  assert.equal(format.versionAfter(1), 1);
});

Deno.test("FleetRecordFormat never goes back in a journal", () => {
  for (const choice of ["auto", 1, 2] as const) {
    const format = new FleetRecordFormat(new VirtualClock(), choice);
    format.noteMembers([OLD]);
    assert.equal(format.versionAfter(2), 2);
  }
});

Deno.test("FleetRecordFormat does as it is told: 1 stays, 2 does not wait, but for those who could not read", () => {
  const [first, second] = [1, 2].map((choice) =>
    new FleetRecordFormat(new VirtualClock(), choice as 1 | 2)
  );
  for (const each of [first!, second!]) each.noteMembers([NEW]);
  assert.deepEqual([first!.versionAfter(), first!.versionAfter(1)], [1, 1]);
  assert.deepEqual([second!.versionAfter(), second!.versionAfter(1)], [2, 2]);
  second!.noteMembers([NEW, OLD]);
  assert.deepEqual([second!.versionAfter(), second!.versionAfter(1)], [1, 1]);
});

Deno.test("FleetRecordFormat begins journals in the highest version that all members know", () => {
  const format = new FleetRecordFormat(new VirtualClock(), "auto");
  format.noteMembers([NEWER, { recordVersion: 9 }]);
  assert.equal(format.versionAfter(), 3);
  format.noteMembers([NEWER, NEW]);
  assert.equal(format.versionAfter(), 2);
});

Deno.test("FleetRecordFormat counts the hour of each version for itself", async () => {
  const clock = new VirtualClock();
  const format = new FleetRecordFormat(clock, "auto");
  format.noteMembers([NEWER, NEW]);
  await clock.advance(SETTLE_MS / 2);
  format.noteMembers([NEWER]);
  await clock.advance(SETTLE_MS / 2);
  assert.deepEqual([format.versionAfter(1), format.versionAfter(2)], [2, 2]);
  await clock.advance(SETTLE_MS / 2);
  assert.deepEqual([1, 2, 3].map((v) => format.versionAfter(v as 1 | 2 | 3)), [3, 3, 3]);
  format.noteMembers([NEWER, OLD]);
  assert.deepEqual([1, 2, 3].map((v) => format.versionAfter(v as 1 | 2 | 3)), [1, 2, 3]);
});

Deno.test("FleetRecordFormat goes no further than the version that it is told", () => {
  for (const choice of [1, 2, 3] as const) {
    const format = new FleetRecordFormat(new VirtualClock(), choice);
    format.noteMembers([NEWER]);
    assert.deepEqual([format.versionAfter(), format.versionAfter(1)], [choice, choice]);
    assert.equal(format.versionAfter(3), 3);
  }
});
