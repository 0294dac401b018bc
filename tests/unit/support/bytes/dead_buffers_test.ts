import assert from "node:assert/strict";
import {
  ALL_BYTES_MAX,
  DeadBuffers,
  v8Collector,
} from "../../../../src/support/bytes/dead_buffers.ts";

Deno.test("DeadBuffers clears the young generation when enough may have died, and counts anew then", () => {
  let cleared = 0;
  const dead = new DeadBuffers(100, { young: () => cleared++, all: () => assert.fail() });
  const counts = [60, 39, 1, 99, 1, 500, 99].map((bytes) => (dead.note(bytes), cleared));
  assert.deepEqual(counts, [0, 0, 1, 1, 2, 3, 3]);
});

Deno.test("DeadBuffers has everything looked through in the place of every so many clearings", () => {
  const calls: string[] = [];
  const dead = new DeadBuffers(ALL_BYTES_MAX / 3, {
    young: () => calls.push("young"),
    all: () => calls.push("all"),
  });
  for (let i = 0; i < 7; i++) dead.note(ALL_BYTES_MAX / 3 + 1);
  assert.deepEqual(calls, ["young", "young", "all", "young", "young", "all", "young"]);
});

Deno.test("v8Collector asks the runtime, where it lets it", () => {
  const asked: string[] = [];
  const collector = v8Collector({ gc: ({ type }) => asked.push(type) });
  collector.young();
  collector.all();
  assert.deepEqual(asked, ["minor", "major"]);
  const without = v8Collector({});
  without.young();
  without.all();
});
