import assert from "node:assert/strict";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import { Edits } from "../../../../src/bson/redact/edits.ts";

/** A document of one int32 `a` and, in it, an embedded document `d` with an int32 `b`. */
const DOCUMENT = new Uint8Array([
  ...[29, 0, 0, 0],
  ...[0x10, 0x61, 0, 1, 0, 0, 0],
  ...[0x03, 0x64, 0, 12, 0, 0, 0, 0x10, 0x62, 0, 2, 0, 0, 0, 0],
  ...[0x08, 0x63, 0],
]);

Deno.test("Edits leaves out pieces, puts others in, and mends the lengths around them", () => {
  const edits = new Edits();
  assert.equal(edits.count, 0);
  const first = edits.replace(4, 11);
  const second = edits.replace(18, 25, new Uint8Array([0x0a, 0x62, 0]));
  assert.deepEqual([first, second], [-7, -4]);
  edits.grow(14, second);
  edits.grow(0, first + second);
  const out = new ByteSink(4);
  out.writeByte(0xff);
  edits.write(DOCUMENT, 0, DOCUMENT.length, out);
  const [d, rest] = [[0x03, 0x64, 0, 8, 0, 0, 0, 0x0a, 0x62, 0, 0], [0x08, 0x63, 0]];
  assert.deepEqual([...out.take()], [0xff, 18, 0, 0, 0, ...d, ...rest]);
});

Deno.test("Edits forgets what was noted since a mark", () => {
  const edits = new Edits();
  edits.replace(4, 11);
  const mark = edits.mark();
  edits.grow(14, edits.replace(18, 25));
  edits.rewind(mark);
  assert.equal(edits.count, 1);
  const out = new ByteSink(4);
  edits.write(DOCUMENT, 0, DOCUMENT.length, out);
  assert.equal(out.length, DOCUMENT.length - 7);
  edits.clear();
  assert.equal(edits.count, 0);
});
