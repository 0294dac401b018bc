import assert from "node:assert/strict";
import { Zstd } from "@hpcc-js/wasm-zstd";
import type { Compress } from "../../../../src/encode/compress/compress.ts";
import { loadZstd, nativeZstd, withContentSize } from "../../../../src/encode/compress/zstd.ts";

const INPUT = new TextEncoder().encode("the same again and ".repeat(5000));
/** Its upper three bits say whether the frame gives its content's size (RFC 8878, section 3.1.1.1.1). */
const DESCRIPTOR_AT = 4;

Deno.test("loadZstd falls back to WebAssembly where there is no native zstd", async () => {
  await assertFrames(await loadZstd(1, null));
});

Deno.test("loadZstd by default makes frames that say their content's size, empty ones too", async () => {
  await assertFrames(await loadZstd(1));
});

Deno.test("loadZstd hands level and size to the native function", async () => {
  const calls: unknown[] = [];
  const compress = await loadZstd(7, (bytes, options) => {
    calls.push(options);
    return bytes;
  });
  compress(INPUT);
  assert.deepEqual(calls, [{
    params: { 100: 7 },
    pledgedSrcSize: INPUT.length,
    chunkSize: INPUT.length >> 2,
  }]);
});

Deno.test("nativeZstd is a function of this runtime or null", () => {
  const native = nativeZstd();
  assert.ok(native === null || typeof native === "function");
});

async function assertFrames(compress: Compress): Promise<void> {
  const zstd = await Zstd.load();
  for (const input of [INPUT, INPUT.subarray(0, 300), INPUT.subarray(0, 10), new Uint8Array(0)]) {
    const frame = compress(input);
    const descriptor = frame[DESCRIPTOR_AT]!;
    assert.ok((descriptor & 0xe0) !== 0, `${input.length}: ${descriptor}`);
    assert.deepEqual(zstd.decompress(frame), new Uint8Array(input));
  }
}

Deno.test("withContentSize refuses a frame that says its size already, has a dictionary or is too large", () => {
  const frame = (
    descriptor: number,
  ) => [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, descriptor, 0x48, 1)];
  const good = withContentSize(frame(0x04), 258);
  assert.deepEqual([...good], [0x28, 0xb5, 0x2f, 0xfd, 0x84, 0x48, 2, 1, 0, 0, 1]);
  for (const descriptor of [0x20, 0x40, 0x80, 0x01]) {
    assert.throws(() => withContentSize(frame(descriptor), 258), /descriptor/);
  }
  assert.throws(() => withContentSize(frame(0), 2 ** 32), /4294967296 bytes/);
});
