import assert from "node:assert/strict";
import { ExistingStreams } from "../../../src/coordinate/existing_streams.ts";

function member(owner: string, streams: string[], isLeaving = false) {
  return { owner, instance: owner, version: "", since: "", streams, failed: 0, isLeaving };
}

Deno.test("ExistingStreams has the keys of the list there is now", () => {
  let list = ["a"];
  const existing = new ExistingStreams(() => list);
  assert.deepEqual([...existing.keys], ["a"]);
  assert.equal(existing.keys, existing.keys);
  list = ["b"];
  assert.deepEqual([...existing.keys], ["b"]);
});

Deno.test("ExistingStreams hears once of what others tell and nobody knows here", () => {
  const existing = new ExistingStreams(() => ["a"]);
  const hears = (...members: ReturnType<typeof member>[]) => existing.hasNews(members, "me");
  assert.equal(hears(member("me", ["gone"]), member("x", ["a"])), false);
  assert.equal(hears(member("x", ["a", "b"], true)), false, "it leaves");
  assert.deepEqual([hears(member("x", ["b"])), hears(member("x", ["b"]))], [true, false]);
  assert.equal(hears(member("x", ["b", "c"])), true);
  assert.equal(hears(), false);
  assert.equal(hears(member("x", ["b", "c"])), true, "it is told anew");
});
