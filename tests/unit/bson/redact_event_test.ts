import assert from "node:assert/strict";
import { BSON } from "bson";
import { ByteSink } from "../../../src/bson/byte_sink.ts";
import { MalformedBsonError } from "../../../src/bson/malformed_bson_error.ts";
import { EventRedactor } from "../../../src/bson/redact_event.ts";
import { Redaction } from "../../../src/bson/redaction.ts";
import { writeDocumentJson } from "../../../src/bson/to_json.ts";
import {
  type Fields,
  HEADER,
  redact,
  without,
  withoutWritten,
} from "../../support/redacted_event.ts";

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

Deno.test("fields go from the variables of functions", () => {
  const code = (scope: Fields) => new BSON.Code("return password", scope);
  const document = {
    fn: code({ password: "x", n: 1, deep: [{ password: "y", n: 2 }] }),
    list: [code({ password: "x", n: 3 })],
    all: code({ a: 1 }),
    password: 1,
    plain: new BSON.Code("x"),
  };
  const paths = [
    "fn.password",
    "fn.$scope.deep.password",
    "list.password",
    "all.$scope",
    "plain.a",
  ];
  assert.deepEqual(without({ fullDocument: document }, ...paths), {
    fullDocument: {
      fn: code({ n: 1, deep: [{ n: 2 }] }),
      list: [code({ n: 3 })],
      all: code({}),
      password: 1,
      plain: new BSON.Code("x"),
    },
  });
});

Deno.test("in what stages may have written, paths begin at any depth", () => {
  const secret = { password: "x", n: 1 };
  const fields = {
    fullDocument: { copy: { deep: [secret] } },
    fullDocumentBeforeChange: { copy: secret },
    updateDescription: {
      updatedFields: { "a.copy": secret },
      removedFields: [secret, "password.x", "n"],
      truncatedArrays: secret,
      disambiguatedPaths: new BSON.Code("", secret),
      other: secret,
    },
    to: secret,
    lsid: { id: secret },
  };
  const written = ["fullDocument", "updateDescription", "to", "lsid"];
  assert.deepEqual(withoutWritten(written, fields, "password"), {
    fullDocument: { copy: { deep: [{ n: 1 }] } },
    fullDocumentBeforeChange: { copy: secret },
    updateDescription: {
      updatedFields: { "a.copy": { n: 1 } },
      removedFields: [{ n: 1 }, "n"],
      truncatedArrays: { n: 1 },
      disambiguatedPaths: new BSON.Code("", { n: 1 }),
      other: { n: 1 },
    },
    to: { n: 1 },
    lsid: { id: { n: 1 } },
  });
  const text = new TextDecoder("latin1").decode(
    redact(BSON.serialize(fields), ["password"], Object.keys(fields)),
  );
  assert.doesNotMatch(text, /password/);
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
