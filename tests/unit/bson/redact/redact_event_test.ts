import assert from "node:assert/strict";
import { BSON, Timestamp } from "bson";
import fc from "fast-check";
import { ByteSink } from "../../../../src/bson/byte_sink.ts";
import { MalformedBsonError } from "../../../../src/bson/malformed_bson_error.ts";
import { EventRedactor } from "../../../../src/bson/redact/redact_event.ts";
import { Redaction } from "../../../../src/bson/redact/redaction.ts";
import { writeDocumentJson } from "../../../../src/bson/json/to_json.ts";

type Fields = Record<string, unknown>;

const HEADER = {
  _id: { _data: "8265" },
  operationType: "update",
  clusterTime: new Timestamp({ t: 1, i: 1 }),
  ns: { db: "shop", coll: "orders" },
};

/** Bytes with something before and behind the event. */
function framed(event: Uint8Array): Uint8Array {
  return new Uint8Array([9, 9, 9, ...event, 9, 9]);
}

/** The event without these paths; undefined where it is not changed. */
function redact(event: Uint8Array, paths: readonly string[]): Uint8Array | undefined {
  const redactor = new EventRedactor(Redaction.from(paths));
  const bytes = framed(event);
  const before = bytes.slice();
  const isChanged = redactor.read(bytes, 3);
  assert.equal(redactor.end, 3 + event.length);
  const out = new ByteSink(8);
  if (isChanged) redactor.write(out);
  assert.deepEqual(bytes, before);
  return isChanged ? out.take() : undefined;
}

/** What becomes of the fields of an event; names only paths of which no document key has any. */
function without(fields: Fields, ...paths: string[]): Fields {
  const event = BSON.serialize({ ...HEADER, ...fields });
  const left = redact(event, paths) ?? event;
  const { _id, operationType, clusterTime, ns, ...rest } = BSON.deserialize(left, {
    promoteValues: true,
  });
  assert.deepEqual([_id, operationType, ns], [HEADER._id, "update", HEADER.ns]);
  assert(clusterTime);
  return rest;
}

Deno.test("an event that has none of the fields is not changed", () => {
  const event = BSON.serialize({
    ...HEADER,
    documentKey: { _id: 1 },
    fullDocument: { passwords: 1, customer: { mail: 1 }, email: 1 },
    updateDescription: { updatedFields: { "customer.mail": 2 }, removedFields: ["pass"] },
  });
  assert.equal(redact(event, ["password", "customer.email"]), undefined);
});

Deno.test("fields go from images, also out of arrays and arrays of arrays", () => {
  const document = {
    _id: 1,
    password: "x",
    customer: { name: "n", email: "e", emails: 1 },
    items: [{ secret: 1, n: 1 }, 5, [{ secret: 2, n: 2 }], { n: { secret: 3 } }],
  };
  const left = {
    _id: 1,
    customer: { name: "n", emails: 1 },
    items: [{ n: 1 }, 5, [{ n: 2 }], { n: { secret: 3 } }],
  };
  assert.deepEqual(
    without(
      { fullDocument: document, fullDocumentBeforeChange: document },
      ...["password", "customer.email", "items.secret"],
    ),
    { fullDocument: left, fullDocumentBeforeChange: left },
  );
  assert.deepEqual(without({ fullDocument: null }, "password"), { fullDocument: null });
  assert.deepEqual(without({ fullDocument: [{ a: 1, b: 1 }] }, "a"), { fullDocument: [{ b: 1 }] });
  assert.deepEqual(without({ fullDocument: "a" }, "a"), { fullDocument: "a" });
});

Deno.test("a path that names an index puts null in its place", () => {
  assert.deepEqual(
    without({ fullDocument: { a: [{ b: 1, c: 1 }, { b: 2 }, "x"] } }, "a.0.b", "a.2"),
    { fullDocument: { a: [{ c: 1 }, { b: 2 }, null] } },
  );
  assert.deepEqual(without({ fullDocument: { a: { 0: 1, 1: 2 } } }, "a.0"), {
    fullDocument: { a: { 1: 2 } },
  });
});

Deno.test("fields go from update descriptions, however the update was written", () => {
  const update = (updatedFields: Fields, ...paths: string[]) =>
    (without({ updateDescription: { updatedFields } }, ...paths)["updateDescription"] as Fields)[
      "updatedFields"
    ];
  const paths = ["customer.email", "items.secret", "password"];
  assert.deepEqual(
    update({
      password: 1,
      "customer.email": 1,
      "customer.email.domain": 1,
      "customer.name": "n",
      "items.0.secret": 1,
      "items.0.secret.deep": 1,
      "items.1": { secret: 1, n: 1 },
      "items.1.0": { secret: 1, n: 1 },
      "items.2.n": 1,
    }, ...paths),
    {
      "customer.name": "n",
      "items.1": { n: 1 },
      "items.1.0": { n: 1 },
      "items.2.n": 1,
    },
  );
  assert.deepEqual(update({ customer: { email: 1, a: 1 }, items: [{ secret: 1 }] }, ...paths), {
    customer: { a: 1 },
    items: [{}],
  });
  assert.deepEqual(update({ "customer.email": 1, "customer.email.x": 1 }, "customer"), {});
});

Deno.test("names at and below a removed field go from the lists of an update description", () => {
  assert.deepEqual(
    without(
      {
        updateDescription: {
          updatedFields: {},
          removedFields: ["a", "tokens.abc", "tokens", "list.0.secret", "list.0"],
          truncatedArrays: [{ field: "tokens.abc", newSize: 1 }, { field: "list", newSize: 2 }],
          disambiguatedPaths: { "tokens.a.0": ["tokens", "a", "0"], "list.0": ["list", 0] },
        },
      },
      "tokens",
      "list.secret",
    ),
    {
      updateDescription: {
        updatedFields: {},
        removedFields: ["a", "list.0"],
        truncatedArrays: [{ field: "list", newSize: 2 }],
        disambiguatedPaths: { "list.0": ["list", 0] },
      },
    },
  );
});

Deno.test("names with dots in them are taken for paths, rather than to let a value through", () => {
  assert.deepEqual(
    without(
      { fullDocument: { "a.b": 1, "a.c": 1, x: { "a.b": 2 }, a: { "b.c": 3 } } },
      "a.b",
      "x.a.b",
    ),
    { fullDocument: { "a.c": 1, x: {}, a: {} } },
  );
  assert.deepEqual(without({ fullDocument: { $a: 1, b: { $c: 1 } } }, "$a", "b.$c"), {
    fullDocument: { b: {} },
  });
});

Deno.test("fields go from what stages and operations on collections add, at any depth", () => {
  assert.deepEqual(
    without(
      {
        password: 1,
        copy: { deep: [{ password: 1, customer: { email: 1, a: 1 } }] },
        operationDescription: {
          indexes: [{ key: { a: 1 }, partialFilterExpression: { "customer.email": "e", n: 1 } }],
        },
        updateDescription: { strange: { password: 1 } },
      },
      "password",
      "customer.email",
    ),
    {
      copy: { deep: [{ customer: { a: 1 } }] },
      operationDescription: { indexes: [{ key: { a: 1 }, partialFilterExpression: { n: 1 } }] },
      updateDescription: { strange: {} },
    },
  );
});

Deno.test("what the server says of an event itself stays", () => {
  const event = BSON.serialize({ ...HEADER, documentKey: { _id: 1 }, to: { db: "a", coll: "b" } });
  assert.equal(redact(event, ["db", "coll", "_data", "operationType", "t"]), undefined);
});

Deno.test("a field in the document key is told, in both forms of a key", () => {
  for (const key of [{ "customer.email": 1 }, { customer: { email: 1 } }, { email: 1 }]) {
    const redactor = new EventRedactor(Redaction.from(["customer.email", "email"]));
    redactor.read(BSON.serialize({ ...HEADER, documentKey: { _id: 1, ...key } }), 0);
    assert(redactor.isInKey, JSON.stringify(key));
    redactor.read(BSON.serialize({ ...HEADER, documentKey: { _id: 1, a: 1 } }), 0);
    assert(!redactor.isInKey);
  }
});

Deno.test("a damaged part is replaced whole, and stays damaged", () => {
  const event = BSON.serialize({
    ...HEADER,
    fullDocument: { a: { password: "secret1", z: 1 }, password: "secret2" },
    fullDocumentBeforeChange: { password: "secret3", n: 1 },
  });
  const text = new TextDecoder("latin1").decode(event);
  const damaged = event.slice();
  // The type of the embedded document's last element.
  damaged[text.indexOf("z\0") - 1] = 0x3f;
  const left = redact(damaged, ["a.password", "password"])!;
  assert.doesNotMatch(new TextDecoder("latin1").decode(left), /secret/);
  const start = new TextDecoder("latin1").decode(left).indexOf("fullDocument\0") + 13;
  assert.throws(
    () => writeDocumentJson(left, start, new ByteSink(8), "relaxed"),
    MalformedBsonError,
  );
  assert.match(new TextDecoder("latin1").decode(left), /fullDocumentBeforeChange/);
  const frame = event.slice();
  frame[4] = 0x3f;
  assert.throws(() => redact(frame, ["password"]), MalformedBsonError);
});

const NAMES = ["a", "b", "0", "1", "a.b", "b.0.a"];

const VALUES = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(1, "text", null, true),
    tie("document"),
    fc.array(tie("value"), { maxLength: 3 }),
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
