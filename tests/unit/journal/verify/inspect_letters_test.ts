import assert from "node:assert/strict";
import { inspectLetters } from "../../../../src/journal/verify/inspect_letters.ts";
import { crc32Hex } from "../../../../src/support/bytes/crc32.ts";

const EMPTY_DOCUMENT = [5, 0, 0, 0, 0];

Deno.test("inspectLetters counts documents and says where they end wrongly", async () => {
  for (const [bytes, rows] of [[[], 0], [[...EMPTY_DOCUMENT, ...EMPTY_DOCUMENT], 2]] as const) {
    const file = new Uint8Array(bytes);
    assert.deepEqual(await inspect(file), { rows, crc32: crc32Hex(file) });
  }
  for (const bytes of [[5, 0, 0, 0], [...EMPTY_DOCUMENT, 9], [0, 0, 0, 0, 0], [5, 0, 0, 0, 1]]) {
    const file = new Uint8Array(bytes);
    const { rows, fault, crc32 } = await inspect(file);
    assert.deepEqual([rows, crc32], [undefined, crc32Hex(file)]);
    assert.match(fault!, /^it is damaged \(/);
  }
  await assert.rejects(inspect(undefined), /Cannot read k: it is gone/);
});

function inspect(bytes: Uint8Array<ArrayBuffer> | undefined) {
  return inspectLetters({ get: () => Promise.resolve(bytes) }, "k");
}
