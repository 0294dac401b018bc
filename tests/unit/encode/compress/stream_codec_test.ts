import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import * as zlib from "node:zlib";
import { type StreamCodec, streamCodec } from "../../../../src/encode/compress/stream_codec.ts";

/** Text that does not compress to nothing. */
function textOf(bytes: number): Uint8Array {
  const text = new Uint8Array(bytes);
  let seed = 1;
  for (let i = 0; i < bytes; i++) {
    seed = (seed * 48271) % 0x7fffffff;
    text[i] = 97 + (seed % 9);
  }
  return text;
}

async function compressed(codec: StreamCodec, text: Uint8Array, partBytes: number) {
  for (let at = 0; at < text.length; at += partBytes) {
    // What was written may be written over.
    const part = text.slice(at, at + partBytes);
    await codec.write(part);
    part.fill(0);
  }
  return await codec.end();
}

Deno.test("streamCodec makes one gzip member of all parts, alone in its buffer", async () => {
  const text = textOf(1_000_000);
  for (const level of [undefined, 6]) {
    const bytes = await compressed(streamCodec("gzip", level)!(), text, 300_000);
    assert.ok(zlib.gunzipSync(bytes).equals(text));
    assert.equal(bytes.length, bytes.buffer.byteLength);
    const whole = zlib.gzipSync(text, { level: level ?? 1 });
    assert.ok(Math.abs(bytes.length - whole.length) < 100, `${bytes.length} ${whole.length}`);
  }
});

Deno.test("streamCodec makes one zstd frame of all parts that says its content's size", async () => {
  const open = streamCodec("zstd");
  const native = (zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array })
    .zstdDecompressSync;
  assert.equal(open === undefined, native === undefined, "where the runtime has zstd");
  if (open === undefined || native === undefined) return;
  const text = textOf(1_000_000);
  const bytes = await compressed(open(), text, 300_000);
  assert.ok(Buffer.from(native(bytes)).equals(text));
  assert.equal(bytes.length, bytes.buffer.byteLength);
  assert.equal(new DataView(bytes.buffer).getUint32(6, true), text.length);
  const whole = (zlib as unknown as {
    zstdCompressSync: (bytes: Uint8Array, options: object) => Uint8Array;
  }).zstdCompressSync(text, { params: { 100: 1 }, pledgedSrcSize: text.length });
  assert.ok(Math.abs(bytes.length - whole.length) < whole.length / 100);
});

Deno.test("streamCodec tells of a codec that was given up", async () => {
  const codec = streamCodec("gzip")!();
  await codec.write(textOf(10));
  codec.drop();
  await assert.rejects(codec.write(textOf(10)));
});

Deno.test("streamCodec has nothing for codecs that compress whole blocks", () => {
  assert.equal(streamCodec("none"), undefined);
  assert.equal(streamCodec("snappy"), undefined);
});
