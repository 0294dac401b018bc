import assert from "node:assert/strict";
import { linesOf } from "../../../../src/encode/text/text_lines.ts";

Deno.test("linesOf gives the same lines however the text comes in parts", async () => {
  const text = 'a,"b\nc"\r\n\nlong line\nlast';
  const expected = {
    plain: ['a,"b', 'c"\r', "", "long line", "last!"],
    quotes: ['a,"b\nc"\r', "", "long line", "last!"],
  };
  for (const quotes of ["plain", "quotes"] as const) {
    for (const size of [1, 2, 3, 7, 100]) {
      assert.deepEqual(await lines(text, size, quotes), expected[quotes], `${quotes} ${size}`);
    }
  }
  assert.deepEqual(await lines("", 1, "plain"), []);
});

/** With `!` behind a line that does not end. */
async function lines(text: string, size: number, quotes: "plain" | "quotes"): Promise<string[]> {
  const all: string[] = [];
  for await (const { line, ended } of linesOf(partsOf(text, size), quotes)) {
    all.push(new TextDecoder().decode(line) + (ended ? "" : "!"));
  }
  return all;
}

/** Every part lies in the same memory. */
async function* partsOf(text: string, size: number): AsyncIterable<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const memory = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    memory.set(part);
    yield await Promise.resolve(memory.subarray(0, part.length));
  }
}
