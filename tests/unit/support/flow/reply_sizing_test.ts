import assert from "node:assert/strict";
import fc from "fast-check";
import { positionAt } from "../../../../src/model/position.ts";
import { ReplySizing } from "../../../../src/support/flow/reply_sizing.ts";
import type { SourceReply } from "../../../../src/pipeline/ports.ts";

const MEBIBYTE = 1 << 20;

Deno.test("ReplySizing asks for more while replies come back full, up to a limit", () => {
  const sizing = new ReplySizing();
  const first = sizing.rowsMax;
  for (let n = 0; n < 20; n++) sizing.note(reply(sizing.rowsMax, 1000), sizing.rowsMax);
  assert(sizing.rowsMax > 4 * first);
  assert(sizing.bytesExpected <= 4 * MEBIBYTE + 1000);
});

Deno.test("ReplySizing takes little of the budget while the stream is idle", () => {
  const sizing = new ReplySizing();
  for (let n = 0; n < 20; n++) sizing.note(reply(0, 0), sizing.rowsMax);
  assert.equal(sizing.bytesExpected, 32 * 1024);
});

Deno.test("ReplySizing asks for fewer rows at once when they are big", () => {
  const sizing = new ReplySizing();
  sizing.note(reply(2, 10 * MEBIBYTE), sizing.rowsMax);
  assert.equal(sizing.rowsMax, 1);
  assert.equal(sizing.bytesExpected, 10 * MEBIBYTE);
});

Deno.test("ReplySizing always asks for whole rows and whole bytes", () => {
  const replies = fc.array(fc.tuple(fc.nat({ max: 12_000 }), fc.integer({ min: 1, max: 99_999 })));
  fc.assert(fc.property(replies, (replies) => {
    const sizing = new ReplySizing();
    for (const [events, bytes] of replies) {
      sizing.note(reply(events, bytes), sizing.rowsMax);
      assert(Number.isInteger(sizing.rowsMax) && sizing.rowsMax >= 1 && sizing.rowsMax <= 10_000);
      assert(Number.isInteger(sizing.bytesExpected) && sizing.bytesExpected > 0);
    }
  }));
});

/** A reply of so many events; all of them and what is between weigh so much for each. */
function reply(events: number, eventBytes: number): SourceReply {
  return {
    bytes: { byteLength: events * eventBytes } as Uint8Array,
    starts: new Uint32Array(events),
    highWater: positionAt({ t: 1, i: 1 }),
    invalidated: false,
    waitMs: 0,
  };
}

Deno.test("ReplySizing asks for fewer rows where a reply may weigh less than is expected", () => {
  const sizing = new ReplySizing();
  const { rows, bytes } = sizing.ask(Infinity);
  assert.deepEqual([rows, bytes], [sizing.rowsMax, sizing.bytesExpected]);
  assert.deepEqual(sizing.ask(bytes / 4), { rows: Math.ceil(rows / 4), bytes: bytes / 4 });
  assert.equal(sizing.ask(1).rows, 1);
});
