import assert from "node:assert/strict";
import fc from "fast-check";
import { MalformedBsonError } from "../../../../src/bson/malformed_bson_error.ts";
import { documentBytes, guarded, ourJson } from "../arbitrary_bson.ts";

const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });

/** A random document with some bytes changed and perhaps its end cut off. */
const damagedBytes = fc.tuple(
  documentBytes,
  fc.array(change, { maxLength: 4 }),
  fc.option(fc.nat(), { freq: 4 }),
).map(([bytes, changes, cut]) => {
  const damaged = Uint8Array.from(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
  for (const { at, byte } of changes) damaged[at % Math.max(1, damaged.length)] = byte;
  return damaged;
});

Deno.test("writeDocumentJson of damaged bytes gives valid JSON or throws MalformedBsonError", () => {
  let refused = 0;
  fc.assert(
    fc.property(damagedBytes, fc.constantFrom("relaxed", "canonical"), (bytes, mode) => {
      try {
        JSON.parse(ourJson(bytes, mode));
      } catch (error) {
        if (!(error instanceof MalformedBsonError)) throw error;
        assert.ok(error.offset >= 0 && error.offset <= bytes.length);
        refused++;
      }
    }),
    { numRuns: 700 },
  );
  assert.ok(refused > 100, `${refused} were refused`);
});

Deno.test("writeDocumentJson of damaged bytes never reads outside of them", () => {
  fc.assert(
    fc.property(damagedBytes, (bytes) => {
      try {
        ourJson(guarded(bytes), "canonical");
      } catch (error) {
        if (!(error instanceof MalformedBsonError)) throw error;
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("writeDocumentJson refuses every document whose end is cut off", () => {
  fc.assert(
    fc.property(documentBytes, (bytes) => {
      for (let end = 0; end < bytes.length; end += 1 + (bytes.length >> 6)) {
        assert.throws(() => ourJson(bytes.subarray(0, end), "relaxed"), MalformedBsonError);
      }
    }),
  );
});
