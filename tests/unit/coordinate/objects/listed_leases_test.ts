import assert from "node:assert/strict";
import { emptyDivision } from "../../../../src/coordinate/objects/division.ts";
import { ListedLeases } from "../../../../src/coordinate/objects/listed_leases.ts";

function divided(...streams: string[]) {
  const division = emptyDivision();
  const holder = { owner: "a", instance: "A", since: "", ttlMs: 9 };
  for (const stream of streams) division.streams.set(stream, { generation: 1, holder });
  return division;
}

Deno.test("ListedLeases lists a division once, by stream, with what is left as of now", () => {
  const listed = new ListedLeases();
  const division = divided("y", "x");
  const first = listed.leasesOf(division, () => 5);
  const lease = { generation: 1, owner: "a", instance: "A", since: "" };
  assert.deepEqual(first, [
    { stream: "x", ...lease, leftMs: 5 },
    { stream: "y", ...lease, leftMs: 5 },
  ]);
  const second = listed.leasesOf(division, () => 4);
  assert.equal(second, first);
  assert.deepEqual(second.map(({ leftMs }) => leftMs), [4, 4]);
  const other = listed.leasesOf(divided("z"), () => 5);
  assert.deepEqual(other.map(({ stream }) => stream), ["z"]);
});

Deno.test("ListedLeases leaves out what is not shown, in a list of its own", () => {
  const listed = new ListedLeases();
  const division = divided("x", "y");
  const all = listed.leasesOf(division, () => 5);
  const some = listed.leasesOf(division, ({ stream }) => stream === "x" ? undefined : 5);
  assert.deepEqual(some.map(({ stream }) => stream), ["y"]);
  assert.notEqual(some, all);
  assert.equal(all.length, 2);
});
