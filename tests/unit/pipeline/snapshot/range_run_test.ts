import assert from "node:assert/strict";
import { boundOf } from "../../../support/memory_documents.ts";
import { RangeWorld } from "../../../support/range_world.ts";

Deno.test("a range that is closed is closed at once, and nothing is read", async () => {
  const range = new RangeWorld();
  await range.copy().runToEnd();
  const opened = range.documents.opened.length;
  const records = (await range.records()).length;
  await range.copy().runToEnd();
  assert.equal(range.documents.opened.length, opened);
  assert.equal((await range.records()).length, records);
});

Deno.test("an empty range is closed without a chunk", async () => {
  const range = new RangeWorld(0);
  await range.copy().runToEnd();
  assert.deepEqual((await range.records()).map(({ kind }) => kind), ["genesis", "closed"]);
});

Deno.test("what stages have dropped is not read again", async () => {
  const range = new RangeWorld();
  range.documents.keeps = (id) => id === 11;
  range.documents.replyDocumentsMax = 4;
  const first = range.copy();
  let replies = 0;
  // The second one is asked for when the first is taken.
  range.documents.replied = () => ++replies === 2 && first.stop.abort();
  assert.equal(await first.run(), "stopped");
  range.documents.replied = () => {};
  await range.copy().runToEnd();
  const froms = range.documents.requests.map(({ from }) => from);
  assert.deepEqual(froms.slice(0, 2), [undefined, boundOf(5)]);
  await range.assertComplete([11]);
});

Deno.test("other settings are noted between chunks, and hold from there on", async () => {
  const range = new RangeWorld();
  const first = range.copy();
  first.outside.plan = ({ method, args }) =>
    method === "putIfAbsent" && /-2-0\.jsonl$/.test(String(args[0]))
      ? { kind: "crash", when: "before" }
      : undefined;
  await first.runToEnd();
  await range.copy({ redact: ["value"] }).runToEnd();
  await range.assertComplete([5, 6, 7, 8, 9, 10, 11]);
  const kinds = (await range.records()).map(({ kind }) => kind);
  assert.equal(kinds.filter((kind) => kind === "settings").length, 1);
});
