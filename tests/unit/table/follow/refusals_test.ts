import assert from "node:assert/strict";
import { Refusals } from "../../../../src/table/follow/refusals.ts";

const never = () => false;

Deno.test("a refusal counts until the stream has objects of the collection in another folder", () => {
  const refusals = new Refusals();
  refusals.add("shop.a", "s", { why: "a %" });
  refusals.add("shop.b", "s", { why: "jsonl", folder: "f" });
  assert.deepEqual([...refusals.reasons(never)], [["shop.a", "a %"], ["shop.b", "jsonl"]]);
  assert.equal(refusals.reasonIn("f"), "jsonl");
  refusals.noteTable("shop.a", "other", "g");
  refusals.noteTable("shop.b", "s", "f");
  assert.equal(refusals.reasons(never).size, 2);
  refusals.noteTable("shop.a", "s", "g");
  refusals.noteTable("shop.b", "s", "g");
  assert.equal(refusals.reasons(never).size, 0);
  assert.equal(refusals.reasonIn("f"), undefined);
});

Deno.test("what a stream had that is over is passed over, unless it lies in a table's folder", () => {
  const refusals = new Refusals();
  refusals.add("shop.a", "over", { why: "a %" });
  refusals.add("shop.b", "over", { why: "jsonl", folder: "f" });
  assert.deepEqual([...refusals.reasons((_, stream) => stream === "over").keys()], ["shop.b"]);
});

Deno.test("refusals are noted, but for those that no longer count", () => {
  const refusals = new Refusals();
  refusals.add("shop.a", "s", { why: "a %" });
  refusals.add("shop.b", "s", { why: "jsonl", folder: "f" });
  refusals.noteTable("shop.a", "s", "g");
  assert.deepEqual(refusals.noted, { "shop.b": { s: { why: "jsonl", folder: "f" } } });
  assert.equal(new Refusals(refusals.noted).reasonIn("f"), "jsonl");
});
