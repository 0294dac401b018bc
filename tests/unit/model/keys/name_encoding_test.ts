import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeName,
  ENCODED_NAME_BYTES_MAX,
  encodeName,
  encodeNameWithoutDots,
  encodePlainName,
} from "../../../../src/model/keys/name_encoding.ts";
import { anyName } from "../streams_arbitrary.ts";

const ENCODERS = { encodeName, encodeNameWithoutDots };

Deno.test("encodeName keeps what is safe in a key and escapes the rest", () => {
  const cases: [name: string, withDots: string, withoutDots: string][] = [
    ["orders", "orders", "orders"],
    ["Or-ders_2", "Or-ders_2", "Or-ders_2"],
    ["a.b", "a.b", "a%2Eb"],
    ["a..b.", "a..b.", "a%2E%2Eb%2E"],
    [".hidden", "%2Ehidden", "%2Ehidden"],
    ["..", "%2E.", "%2E%2E"],
    ["a/../../b", "a%2F..%2F..%2Fb", "a%2F%2E%2E%2F%2E%2E%2Fb"],
    ["orders:2of4", "orders%3A2of4", "orders%3A2of4"],
    ["50%", "50%25", "50%25"],
    ["~", "%7E", "%7E"],
    ["größe", "gr%C3%B6%C3%9Fe", "gr%C3%B6%C3%9Fe"],
    ["\u{1F98A}", "%F0%9F%A6%8A", "%F0%9F%A6%8A"],
    [" ", "%20", "%20"],
    ["", "", ""],
  ];
  for (const [name, withDots, withoutDots] of cases) {
    assert.equal(encodeName(name), withDots);
    assert.equal(encodeNameWithoutDots(name), withoutDots);
  }
});

for (const [name, encode] of Object.entries(ENCODERS)) {
  Deno.test(`${name} never gives two names the same text`, () => {
    fc.assert(
      fc.property(anyName, anyName, (a, b) => {
        assert.equal(encode(a) === encode(b), a === b);
      }),
      { numRuns: 2000 },
    );
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(anyName, (each) => {
        const other = seen.get(encode(each));
        assert(other === undefined || other === each, `${each} and ${other}`);
        seen.set(encode(each), each);
      }),
      { numRuns: 2000 },
    );
  });

  Deno.test(`${name} gives text that is safe as a part of a path, and not too long`, () => {
    fc.assert(
      fc.property(anyName, (each) => {
        const encoded = encode(each);
        assert.match(encoded, /^[A-Za-z0-9_%~-][A-Za-z0-9_.%~-]*$/);
        assert(encoded.length <= ENCODED_NAME_BYTES_MAX);
        if (encode === encodeNameWithoutDots) assert(!encoded.includes("."));
      }),
      { numRuns: 2000 },
    );
  });

  Deno.test(`decodeName gives back what ${name} was given, unless it was shortened`, () => {
    fc.assert(
      fc.property(anyName, (each) => {
        const encoded = encode(each);
        assert.equal(decodeName(encoded), encoded.includes("~") ? undefined : each);
      }),
      { numRuns: 2000 },
    );
  });
}

Deno.test("encodeName shortens from 101 bytes on, to a prefix and a hash of the whole name", () => {
  assert.equal(encodeName("x".repeat(100)), "x".repeat(100));
  const long = encodeName("x".repeat(101));
  assert.match(long, /^x{67}~[0-9a-f]{32}$/);
  assert.notEqual(encodeName("x".repeat(102)), long);
  assert.notEqual(encodeName("x".repeat(100) + "y"), long);
});

Deno.test("encodeName leaves no half of an escape where it cuts", () => {
  for (let start = 60; start <= 70; start++) {
    const encoded = encodeName("x".repeat(start) + "ö".repeat(30));
    assert.match(encoded, /^x+(%[0-9A-F]{2})*~[0-9a-f]{32}$/);
  }
});

Deno.test("decodeName is undefined for what no name is encoded as", () => {
  for (const text of ["%", "%zz", "%FF", "a~b"]) assert.equal(decodeName(text), undefined);
});

Deno.test("encodePlainName is encodeName without any %, shortened names as well", () => {
  const cases = [
    ["orders.items", "orders.items"],
    ["a/b", "a!2Fb"],
    ["a%b", "a!25b"],
    ["a!b", "a!21b"],
    ["ä", "!C3!A4"],
    [".hidden", "!2Ehidden"],
  ] as const;
  for (const [name, encoded] of cases) assert.equal(encodePlainName(name), encoded);
  for (const length of [16, 17, 33, 34, 40, 500]) {
    const name = "ü".repeat(length);
    assert.equal(encodePlainName(name), encodeName(name).replaceAll("%", "!"));
    assert.match(encodePlainName(name), /^(![0-9A-F]{2})+(~[0-9a-f]{32})?$/);
  }
});
