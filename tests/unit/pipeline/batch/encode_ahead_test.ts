import assert from "node:assert/strict";
import type { Encoding } from "../../../../src/model/settings.ts";
import { encodeAhead } from "../../../../src/pipeline/batch/encode_ahead.ts";
import type { Encoder } from "../../../../src/pipeline/ports.ts";

const ENCODING: Encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" };
const encode: Encoder["encode"] = () => Promise.reject(new Error("nothing is encoded whole here"));

function optionsFor(bytesMax: number) {
  return { batch: { rowsMax: 1, bytesMax, objectsMax: 1 }, encodeAheadBytesMin: 77 };
}

Deno.test("encodeAhead begins objects with the stream's encoding, and expects a batch at most", () => {
  const asked: [Encoding, number][] = [];
  let progress = 0;
  const begin: Encoder["begin"] = (encoding, bytesExpected, progress) => {
    asked.push([encoding, bytesExpected]);
    progress();
    return undefined;
  };
  for (const bytesMax of [1000, 2 ** 40]) {
    const ahead = encodeAhead({ encode, begin }, ENCODING, optionsFor(bytesMax), () => progress++);
    assert.equal(ahead.bytesMin, 77);
    assert.equal(ahead.begin(), undefined);
  }
  assert.equal(progress, 2);
  assert.deepEqual(asked, [[ENCODING, 1000], [ENCODING, 64 * 1024 * 1024]]);
});

Deno.test("encodeAhead begins nothing with an encoder that takes whole objects only", () => {
  assert.equal(encodeAhead({ encode }, ENCODING, optionsFor(1), () => {}).begin(), undefined);
});
