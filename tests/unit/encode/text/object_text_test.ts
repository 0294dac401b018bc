import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import { ObjectText, openObjectText } from "../../../../src/encode/text/object_text.ts";
import { Scratch } from "../../../../src/encode/scratch.ts";
import type { StreamCodec } from "../../../../src/encode/compress/stream_codec.ts";

const MIB = 1024 * 1024;
const LINE = `{"n":"${"0123456789abcdef".repeat(60)}"}\n`;

function encoding(compression: "none" | "gzip" | "zstd") {
  return { format: "jsonl", compression, jsonMode: "relaxed" } as const;
}

/** Writes lines up to at least so many bytes, and drains after each `linesADrain`. */
async function written(
  compression: "none" | "gzip" | "zstd",
  bytes: number,
  linesADrain: number,
): Promise<{ object: Uint8Array; heldMax: number }> {
  const text = await openObjectText(encoding(compression), new Scratch(), 0);
  let heldMax = 0;
  for (let i = 0; i * LINE.length < bytes; i++) {
    text.sink.writeAscii(LINE);
    heldMax = Math.max(heldMax, text.sink.length);
    if (i % linesADrain === 0) await text.drain();
  }
  return { object: await text.finish(), heldMax };
}

Deno.test("ObjectText becomes the same bytes however often it is drained, whole or begun", async () => {
  for (const compression of ["none", "gzip", "zstd"] as const) {
    for (const bytes of [0, 1000, MIB - 10, MIB + 10, 3.5 * MIB]) {
      const often = await written(compression, bytes, 1);
      const seldom = await written(compression, bytes, 1e9);
      assert.ok(
        often.object.length === seldom.object.length &&
          often.object.every((byte, i) => byte === seldom.object[i]),
        `${compression} ${bytes}`,
      );
    }
  }
});

Deno.test("ObjectText holds little more than a part of what is compressed on the way", async () => {
  const { object, heldMax } = await written("gzip", 5 * MIB, 1);
  assert.ok(heldMax < MIB + 2 * LINE.length, `${heldMax}`);
  const lines = gunzipSync(object).toString().split("\n");
  assert.equal(lines.pop(), "");
  assert.equal(lines.length, Math.ceil(5 * MIB / LINE.length));
  assert.ok(lines.every((line) => line + "\n" === LINE));
});

Deno.test("ObjectText opens no codec for a text of less than a part, and drops the one it has opened", async () => {
  const log: string[] = [];
  const codec: StreamCodec = {
    write: (part) => Promise.resolve(void log.push(`write ${part.length}`)),
    end: () => Promise.resolve(new Uint8Array(1)),
    drop: () => log.push("drop"),
  };
  const open = () => (log.push("open"), codec);
  const small = new ObjectText(new ByteSink(0), (bytes) => bytes.slice(), open);
  small.sink.writeAscii("few");
  assert.equal((await small.finish()).length, 3);
  small.drop();
  assert.deepEqual(log, []);
  const large = new ObjectText(new ByteSink(0), (bytes) => bytes, open);
  large.sink.writeAscii("x".repeat(2 * MIB + 7));
  await large.drain();
  assert.equal(large.sink.length, 7);
  large.drop();
  assert.deepEqual(log, ["open", `write ${MIB}`, `write ${MIB}`, "drop"]);
});

Deno.test("openObjectText makes room for the text that the events become, less where it is compressed on the way", async () => {
  const room = async (compression: "none" | "gzip") =>
    (await openObjectText(encoding(compression), new Scratch(), 40 * MIB)).sink.bytes.length;
  assert.equal(await room("none"), 60 * MIB);
  assert.equal(await room("gzip"), 4 * MIB);
});
