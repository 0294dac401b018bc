import assert from "node:assert/strict";
import fc from "fast-check";
import { BYTE_SINK_BYTES_MAX, ByteSink } from "../../../src/bson/byte_sink.ts";

Deno.test("ByteSink takes the bytes that were written, whatever it began with", () => {
  const part = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(fc.nat({ max: 100 }), fc.array(part), (initialBytes, parts) => {
      const sink = new ByteSink(initialBytes);
      for (const bytes of parts) {
        if (bytes.length === 1) sink.writeByte(bytes[0]!);
        else sink.writeBytes(bytes, 0, bytes.length);
      }
      assert.deepEqual([...sink.take()], parts.flatMap((bytes) => [...bytes]));
    }),
  );
});

Deno.test("ByteSink.writeBytes writes the part of the source that it is given", () => {
  const source = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
  for (const [start, end] of [[0, 0], [5, 9], [10, 290]] as const) {
    const sink = new ByteSink(0);
    sink.writeBytes(source, start, end);
    assert.deepEqual(sink.take(), source.slice(start, end));
  }
});

Deno.test("ByteSink.writeUtf8 writes any text as UTF-8", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const sink = new ByteSink(0);
      sink.writeByte(0x3e);
      sink.writeUtf8(text);
      assert.equal(new TextDecoder("utf-8", { ignoreBOM: true }).decode(sink.take()), ">" + text);
    }),
  );
});

Deno.test("ByteSink.writeUtf8 makes room for three bytes a character", () => {
  const sink = new ByteSink(0);
  sink.writeUtf8("€".repeat(1000));
  assert.equal(new TextDecoder().decode(sink.take()), "€".repeat(1000));
});

Deno.test("ByteSink.writeAscii writes a byte for each character", () => {
  const sink = new ByteSink(2);
  sink.writeAscii("insert");
  assert.equal(new TextDecoder().decode(sink.take()), "insert");
});

Deno.test("ByteSink.ensure makes room without changing what has been written", () => {
  const sink = new ByteSink(0);
  sink.writeAscii("ab");
  sink.ensure(1000);
  assert.ok(sink.bytes.length >= 1002);
  assert.equal(new TextDecoder().decode(sink.take()), "ab");
});

Deno.test("ByteSink.take gives a copy that later writes leave alone", () => {
  const sink = new ByteSink(8);
  sink.writeAscii("one");
  const taken = sink.take();
  sink.reset();
  sink.writeAscii("two");
  assert.equal(new TextDecoder().decode(taken), "one");
  assert.equal(new TextDecoder().decode(sink.take()), "two");
  assert.equal(taken.buffer.byteLength, 3);
});

Deno.test("ByteSink.ensure refuses to grow over its limit", () => {
  assert.throws(() => new ByteSink(0).ensure(BYTE_SINK_BYTES_MAX + 1), RangeError);
});

Deno.test("ByteSink.release gives what was written in a buffer of its size, and holds nothing then", () => {
  const sink = new ByteSink(100);
  sink.writeAscii("abc");
  const released = sink.release();
  assert.deepEqual([...released], [97, 98, 99]);
  assert.equal(released.buffer.byteLength, 3);
  assert.equal(sink.length, 0);
  assert.equal(sink.bytes.length, 0);
  sink.writeAscii("de");
  assert.deepEqual([...sink.take()], [100, 101]);
  assert.equal(sink.view.getUint8(1), 101);
  assert.deepEqual([...released], [97, 98, 99]);
});

Deno.test("ByteSink gives memory back at once when it grows, and when it is freed", () => {
  const sink = new ByteSink(4);
  const { buffer } = sink.bytes;
  sink.writeAscii("abcdef");
  assert.equal(buffer.detached, true);
  assert.equal(new TextDecoder().decode(sink.take()), "abcdef");
  const grown = sink.bytes.buffer;
  sink.free();
  assert.equal(grown.detached, true);
  assert.deepEqual([sink.length, sink.bytes.length, sink.view.byteLength], [0, 0, 0]);
  sink.writeAscii("again");
  assert.equal(new TextDecoder().decode(sink.take()), "again");
});

Deno.test("what lies in another sink is copied, of any length and from any place", () => {
  const source = new ByteSink(4);
  for (let i = 0; i < 40; i++) source.writeByte(i);
  for (let length = 0; length < 12; length++) {
    const sink = new ByteSink(0);
    sink.writeByte(99);
    sink.writeFrom(source, 3, 3 + length);
    assert.deepEqual([...sink.take()], [99, ...source.take().subarray(3, 3 + length)]);
  }
});

Deno.test("a run is a byte so many times", () => {
  const sink = new ByteSink(0);
  sink.writeRun(1, 3);
  sink.writeRun(0, 200);
  sink.writeRun(7, 0);
  assert.deepEqual([...sink.take()], [1, 1, 1, ...Array(200).fill(0)]);
});
