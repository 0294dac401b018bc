import assert from "node:assert/strict";
import {
  decodeFile,
  encodeFile,
  type FileForm,
} from "../../../../src/journal/codec/versioned_json.ts";
import { PermanentError } from "../../../../src/model/errors.ts";
import { objectOf, oneOf, text } from "../../../../src/support/json_shape.ts";

interface Note {
  readonly v: 3;
  readonly word: string;
}

const NOTE: FileForm<Note> = {
  what: "the note",
  versions: [3],
  shape: objectOf<Note>({ v: oneOf(3), word: text() }),
};

Deno.test("decodeFile gives back what encodeFile was given", () => {
  const note: Note = { v: 3, word: "größe \u{1F98A}" };
  assert.deepEqual(decodeFile(NOTE, encodeFile(NOTE, note), "a/b.json"), note);
});

Deno.test("encodeFile refuses what decodeFile would not read", () => {
  assert.throws(() => encodeFile(NOTE, { v: 3 } as Note), TypeError);
});

Deno.test("decodeFile says where, what and why it cannot read", () => {
  const cases: [string | Uint8Array, RegExp][] = [
    [
      '{"v":4,"mood":1}',
      /: it has format version 4, this tributary knows 3; a newer tributary wrote/,
    ],
    ['{"v":3}', /: field "word" is missing$/],
    ['{"v":"3","word":""}', /: field "v" is "3" instead of 3$/],
    ['{"word":""}', /: field "v" is missing$/],
    ["null", /: the whole is null instead of an object$/],
    ['{"v":3,', /: its 7 bytes are not JSON: /],
    ["", /: its 0 bytes are not JSON: /],
    [new Uint8Array([0x22, 0xff, 0x22]), /: its 3 bytes are not JSON: /],
  ];
  for (const [given, message] of cases) {
    const bytes = typeof given === "string" ? new TextEncoder().encode(given) : given;
    assert.throws(() => decodeFile(NOTE, bytes, "a/b.json"), (error) => {
      assert(error instanceof PermanentError);
      assert(error.message.startsWith('Cannot read the note "a/b.json": '), error.message);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("decodeFile lets a fault of the shape itself through", () => {
  const broken = new RangeError("a fault");
  const form: FileForm<Note> = {
    ...NOTE,
    shape: () => {
      throw broken;
    },
  };
  assert.throws(() => decodeFile(form, new TextEncoder().encode('{"v":3}'), "x"), broken);
});
