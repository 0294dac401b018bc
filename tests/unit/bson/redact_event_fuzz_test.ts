import assert from "node:assert/strict";
import { BSON } from "bson";
import fc from "fast-check";
import { ByteSink } from "../../../src/bson/byte_sink.ts";
import { MalformedBsonError } from "../../../src/bson/malformed_bson_error.ts";
import { EventRedactor } from "../../../src/bson/redact_event.ts";
import { Redaction } from "../../../src/bson/redaction.ts";
import {
  type Fields,
  HEADER,
  redact,
  without,
  withoutWritten,
} from "../../support/redacted_event.ts";

const NAMES = ["a", "b", "0", "1", "a.b", "b.0.a"];

const VALUES = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(1, "text", null, true),
    tie("document"),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("document").map((scope) => new BSON.Code("f", scope as Fields)),
  ),
  document: fc.dictionary(fc.constantFrom(...NAMES), tie("value"), { maxKeys: 4 }),
}));

/** The same, on values that are decoded: slow, and simple. */
function expected(value: unknown, paths: readonly string[][]): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      const indexed = rest(paths, String(index));
      return indexed.some(isEnd) ? null : expected(item, [...paths, ...indexed]);
    });
  }
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof BSON.Code) {
    return new BSON.Code(value.code, expected(value.scope, paths) as Fields);
  }
  const left: Fields = {};
  for (const [name, inner] of Object.entries(value)) {
    const below = restOfName(paths, name);
    if (below !== "all") left[name] = expected(inner, below);
  }
  return left;
}

function restOfName(paths: readonly string[][], name: string): string[][] | "all" {
  let here = [...paths];
  for (const [index, part] of name.split(".").entries()) {
    const next = rest(here, part);
    if (next.some(isEnd)) return "all";
    here = index > 0 && /^\d+$/.test(part) ? [...here, ...next] : next;
  }
  return here;
}

function rest(paths: readonly string[][], name: string): string[][] {
  return paths.filter((path) => path[0] === name).map((path) => path.slice(1));
}

function isEnd(path: readonly string[]): boolean {
  return path.length === 0;
}

Deno.test("random documents lose what a walk over their values says, and nothing else", () => {
  const path = fc.array(fc.constantFrom("a", "b", "0", "1"), { minLength: 1, maxLength: 3 });
  const paths = fc.array(path, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(VALUES["document"]!, VALUES["document"]!, paths, (image, updated, paths) => {
      const fields = {
        fullDocument: image,
        updateDescription: { updatedFields: updated, removedFields: [] },
      };
      const found = without(fields, ...paths.map((path) => path.join(".")));
      assert.deepEqual(found, {
        fullDocument: expected(image, paths),
        updateDescription: { updatedFields: expected(updated, paths), removedFields: [] },
      });
    }),
    { numRuns: 2000 },
  );
});

Deno.test("of random documents in fields that were written, no name is left that is a path", () => {
  fc.assert(
    fc.property(VALUES["document"]!, VALUES["document"]!, (one, other) => {
      const fields = {
        fullDocument: one,
        to: [other],
        updateDescription: { updatedFields: other, removedFields: [one], truncatedArrays: other },
      };
      const found = withoutWritten(Object.keys(fields), fields, "b");
      assert(!namesIn(found).some((name) => /^b(\.|$)/.test(name)));
      const isFree = !namesIn(fields).some((name) => /b/.test(name));
      if (isFree) {
        assert.equal(redact(BSON.serialize(fields), ["b"], Object.keys(fields)), undefined);
      }
    }),
    { numRuns: 1000 },
  );
});

function namesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (value instanceof BSON.Code) return namesIn(value.scope);
  return Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)]);
}

Deno.test("whatever is damaged, what is written is a document, or the damage is told", () => {
  const event = BSON.serialize({
    ...HEADER,
    documentKey: { _id: 1 },
    fullDocument: { a: [{ b: "secret" }, { b: 1 }], password: "secret", z: { password: [1] } },
    updateDescription: {
      updatedFields: { "a.0.b": "secret", z: { b: 1 } },
      removedFields: ["password"],
      truncatedArrays: [{ field: "a", newSize: 1 }],
    },
    other: { password: 1 },
  });
  const damage = fc.array(
    fc.tuple(fc.nat(event.length - 1), fc.nat(255)),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(damage, (changes) => {
      const damaged = event.slice();
      for (const [at, byte] of changes) damaged[at] = byte;
      const redactor = new EventRedactor(Redaction.from(["password", "a.b", "z.password"]));
      const out = new ByteSink(8);
      try {
        if (!redactor.read(damaged, 0)) return;
      } catch (error) {
        assert(error instanceof MalformedBsonError, String(error));
        return;
      }
      redactor.write(out);
      assert.equal(new DataView(out.take().buffer).getInt32(0, true), out.length);
    }),
    { numRuns: 5000 },
  );
});
