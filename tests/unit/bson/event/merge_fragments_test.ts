import assert from "node:assert/strict";
import { serialize } from "bson";
import fc from "fast-check";
import { EventSpans, readEventSpans } from "../../../../src/bson/event/event_spans.ts";
import { MalformedBsonError } from "../../../../src/bson/malformed_bson_error.ts";
import { mergeSplitEvent } from "../../../../src/bson/event/merge_fragments.ts";
import { ourJson } from "../arbitrary_bson.ts";

function fragment(number: number, of: number, fields: object): Uint8Array {
  const _id = { _data: `82673F1A2B0000000${number}` };
  return serialize({ _id, splitEvent: { fragment: number, of }, ...fields });
}

Deno.test("mergeSplitEvent gives the event with the last fragment's token", () => {
  const fields = fc.dictionary(
    fc.constantFrom("operationType", "ns", "fullDocument", "documentKey", "updateDescription"),
    fc.string({ unit: "grapheme" }),
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(fields, { minLength: 1, maxLength: 4 }), (parts) => {
      const distinct = parts.map((part, i) =>
        Object.fromEntries(Object.entries(part).map(([name, value]) => [`${name}${i}`, value]))
      );
      const count = distinct.length;
      const merged = mergeSplitEvent(distinct.map((part, i) => fragment(i + 1, count, part)));
      const expected = { _id: { _data: `82673F1A2B0000000${count}` } };
      assert.equal(
        ourJson(merged, "relaxed"),
        JSON.stringify(Object.assign(expected, ...distinct)),
      );
    }),
  );
});

Deno.test("mergeSplitEvent gives an event that is no longer split", () => {
  const merged = mergeSplitEvent([
    fragment(1, 2, { operationType: "update", fullDocument: { a: 1 } }),
    fragment(2, 2, { fullDocumentBeforeChange: { a: 2 } }),
  ]);
  const spans = new EventSpans();
  readEventSpans(merged, 0, spans);
  assert.equal(spans.end, merged.length);
  assert.equal(spans.splitOf, 0);
  assert.ok(spans.fullDocumentStart > 0 && spans.fullDocumentBeforeChangeStart > 0);
});

Deno.test("mergeSplitEvent refuses fragments that are missing, out of order or not fragments", () => {
  const [first, second, third] = [1, 2, 3].map((number) => fragment(number, 3, {}));
  const whole = serialize({ _id: { _data: "82" } });
  for (const wrong of [[], [first], [first, second], [second, first, third], [third], [whole]]) {
    assert.throws(() => mergeSplitEvent(wrong as Uint8Array[]), RangeError);
  }
  assert.throws(
    () => mergeSplitEvent([first!, third!, second!]),
    new RangeError("Cannot merge a split event: fragment 2 of 3 says that it is 3 of 3"),
  );
});

Deno.test("mergeSplitEvent refuses bytes after a fragment and damaged ones", () => {
  const good = fragment(1, 1, {});
  assert.throws(() => mergeSplitEvent([Uint8Array.from([...good, 0])]), MalformedBsonError);
  assert.throws(() => mergeSplitEvent([good.subarray(0, good.length - 1)]), MalformedBsonError);
});
