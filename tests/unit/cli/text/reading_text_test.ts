import assert from "node:assert/strict";
import { readerText, readingLines } from "../../../../src/cli/text/reading_text.ts";
import type { InstanceRow, StreamRow } from "../../../../src/cli/text/status_view.ts";

function lines(
  changeStreams: readonly (number | undefined)[],
  streams: readonly Partial<StreamRow>[],
): string[] {
  return readingLines({
    instances: changeStreams.map((count, i) => ({
      id: `i${i}`,
      ...(count === undefined ? {} : { changeStreams: count }),
    } as InstanceRow)),
    streams: streams.map((each) => ({ owner: "i0", ...each }) as StreamRow),
  });
}

Deno.test("readingLines counts what instances tell of their change streams", () => {
  const [a, b] = [{ name: "a" }, { name: "b", owner: "i1" }];
  assert.deepEqual(lines([undefined], [a]), []);
  assert.deepEqual(lines([0], []), []);
  assert.deepEqual(lines([1], [a]), ["1 stream is read by 1 change stream."]);
  // Of the second one nothing is known.
  assert.deepEqual(lines([1, undefined], [a, b]), ["1 stream is read by 1 change stream."]);
  assert.deepEqual(lines([1, 2], [a, b]), [
    "2 streams are read by 3 change streams on 2 instances.",
  ]);
});

Deno.test("readingLines says who is read alone, and why", () => {
  const reader = { watched: "collection", streams: 1, alone: "behind" };
  const many = ["a", "b", "c", "d", "e"].map((name) => ({ name, reader }));
  assert.match(
    lines([5], many)[1]!,
    /^5 are read alone, each because it is far .*: a, b, c and 2 m/,
  );
  // What a newer version says is said as it is.
  const newer = { ...reader, alone: "mood" };
  assert.equal(
    lines([1], [{ name: "a", reader: newer }])[1],
    "1 is read alone, because mood: a.",
  );
});

Deno.test("readerText says in a cell with how many a stream is read", () => {
  const text = (streams: number, alone: string | null) =>
    readerText({ watched: "collection", streams, alone });
  assert.equal(readerText(undefined), "-");
  assert.equal(text(200, null), "shared by 200");
  assert.equal(text(1, null), "not shared");
  assert.equal(text(1, "slow"), "alone: slow");
});
