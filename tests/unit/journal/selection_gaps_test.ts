import assert from "node:assert/strict";
import {
  markOfGaps,
  nameOfSelection,
  selectionOfName,
} from "../../../src/journal/selection_gaps.ts";

Deno.test("nameOfSelection is a name that no stream has, and selectionOfName reads it", () => {
  assert.equal(nameOfSelection("0f3a"), "selection.0f3a");
  assert.equal(selectionOfName("selection.0f3a"), "0f3a");
  assert.equal(selectionOfName("collection.selection.a"), undefined);
});

Deno.test("markOfGaps is another for other gaps", () => {
  const gap = { from: { t: 1, i: 1 }, to: { t: 2, i: 1 }, reason: "r" };
  const marks = [[], [gap], [gap, gap], [{ ...gap, reason: "s" }], [{ ...gap, to: { t: 3, i: 1 } }]]
    .map(markOfGaps);
  assert.equal(new Set(marks).size, marks.length);
  assert.equal(markOfGaps([{ ...gap }]), marks[1]);
});
