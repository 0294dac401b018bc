import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeRecord, encodeRecord } from "../../../../src/journal/codec/record_codec.ts";
import { PermanentError } from "../../../../src/model/errors.ts";
import { type BatchRecord, type JournalRecord, KIND_SINCE } from "../../../../src/model/record.ts";
import { anyRecord, RECORD_KINDS, recordOf } from "../record_arbitrary.ts";

const GOLDEN = new URL("../../../golden/journal/v1/", import.meta.url);
const WHERE = "_tributary/streams/deployment/0000000000000007.json";

const batch: BatchRecord = {
  v: 1,
  kind: "batch",
  seq: 7,
  from: { operationTime: { t: 1763690000, i: 1 }, data: "82691F7DD000000001" },
  to: { operationTime: { t: 1763690001, i: 4 }, data: "82691F7DD100000004" },
  id: "6f1e",
  owner: "host-1",
  generation: 2,
  settingsSeq: 0,
  durableThrough: 5,
  writtenAt: "2026-11-20T17:00:00.000Z",
  objects: [{ key: "a", database: "d", collection: null, bucket: "2026-11-20", rows: 1, bytes: 2 }],
  deadLetters: [],
};

for (const kind of RECORD_KINDS) {
  Deno.test(`decodeRecord gives back what encodeRecord was given: ${kind}`, () => {
    fc.assert(
      fc.property(recordOf(kind), (record) => {
        const bytes = encodeRecord(record);
        assert.deepEqual(decodeRecord(bytes, WHERE), record);
        assert.equal(bytes.at(-1), "\n".charCodeAt(0));
      }),
      { numRuns: 50 },
    );
  });

  if (KIND_SINCE[kind] > 1) continue;
  Deno.test(`decodeRecord reads version 1 for ever: ${kind}`, async () => {
    const bytes = await Deno.readFile(new URL(`${kind}.json`, GOLDEN));
    const record = decodeRecord(bytes, `${kind}.json`);
    assert.equal(record.kind, kind);
    // The chain's hash is over these bytes: to write them differently is a new version.
    assert.deepEqual(encodeRecord(record), bytes);
  });
}

for (const kind of ["batch", "emptied"]) {
  Deno.test(`decodeRecord reads version 4, of ranges of snapshots, for ever: ${kind}`, async () => {
    const bytes = await Deno.readFile(new URL(`../v4/${kind}.json`, GOLDEN));
    const record = decodeRecord(bytes, `${kind}.json`);
    assert.equal(record.kind, kind);
    assert.deepEqual(encodeRecord(record), bytes);
  });
}

Deno.test("a record before version 4 has no chunk, and none is emptied, neither read nor written", async () => {
  const read = async (kind: string) =>
    decodeRecord(await Deno.readFile(new URL(`../v4/${kind}.json`, GOLDEN)), WHERE);
  for (const v of [1, 2, 3] as const) {
    for (const [kind, what] of [["batch", 'field "chunk"'], ["emptied", 'its kind "emptied"']]) {
      const { objects: _, ...rest } = { ...await read(kind!), v } as Record<string, unknown>;
      const record = { ...rest, ...(kind === "batch" ? { objects: [] } : {}) } as unknown;
      const message = new RegExp(`${what} is not known in version ${v}$`);
      assert.throws(() => encodeRecord(record as JournalRecord), message);
      assert.throws(() => decode(record as object), permanent(message));
    }
  }
});

Deno.test("encodeRecord gives the same bytes whatever the order of the record's keys", () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const turned = Object.fromEntries(Object.entries(record).reverse()) as unknown;
      assert.deepEqual(encodeRecord(turned as JournalRecord), encodeRecord(record));
    }),
    { numRuns: 50 },
  );
});

Deno.test("encodeRecord keeps the order of keys in stages, where it means something", () => {
  const genesis = fc.sample(recordOf("genesis"), { numRuns: 1, seed: 1 })[0]!;
  assert(genesis.kind === "genesis");
  const stages = [{ $project: { z: 1, a: 1, __proto__x: 1 } }];
  const record = { ...genesis, settings: { ...genesis.settings, stages } };
  const read = decodeRecord(encodeRecord(record), WHERE);
  assert(read.kind === "genesis");
  assert.equal(JSON.stringify(read.settings.stages), JSON.stringify(stages));
});

Deno.test("encodeRecord refuses a record that decodeRecord would not read", () => {
  assert.throws(() => encodeRecord({ ...batch, generation: NaN }), {
    name: "TypeError",
    message: 'field "generation" is NaN instead of a whole number from 0',
  });
});

Deno.test("decodeRecord refuses a version or a kind it does not know as a newer program's", () => {
  const cases: [object, RegExp][] = [
    [{ ...batch, v: 5 }, /"_trib.*7\.json": it has format version 5, .* 1, 2, 3 and 4; a newer/],
    [{ v: 12 }, /"_trib.*7\.json": it has format version 12, .*; a newer tributary wrote it/],
    [{ ...batch, kind: "merge" }, /"_trib.*7\.json": its kind "merge" .*; a newer tributary wrote/],
    [{ ...batch, kind: "toString" }, /its kind "toString" .*; a newer tributary wrote/],
  ];
  for (const [value, message] of cases) assert.throws(() => decode(value), permanent(message));
});

Deno.test("decodeRecord leaves out what only a newer program knows of a record of version 2", () => {
  const object = { ...batch.objects[0]!, crc32: "00c0ffee" };
  const record: JournalRecord = { ...batch, v: 2, objects: [object] };
  const newer = { ...record, objects: [{ ...object, statistics: {} }], colour: "red" };
  assert.deepEqual(decode(newer), record);
});

Deno.test("decodeRecord refuses a setting or a part of a position that it does not know in any version", async () => {
  const bytes = await Deno.readFile(new URL("genesis.json", GOLDEN));
  const genesis = decodeRecord(bytes, WHERE);
  assert(genesis.kind === "genesis");
  const cases: [object, RegExp][] = [
    [{ ...batch, v: 2, to: { ...batch.to, shard: 1 } }, /field "to.shard" is not known$/],
    [
      { ...genesis, v: 2, settings: { ...genesis.settings, only: "x" } },
      /field "settings.only" is not known$/,
    ],
  ];
  for (const [value, message] of cases) assert.throws(() => decode(value), permanent(message));
});

Deno.test("a record of version 1 has no field of version 2, neither read nor written", () => {
  const object = { ...batch.objects[0]!, crc32: "00c0ffee" };
  const record: JournalRecord = { ...batch, objects: [object] };
  assert.throws(() => encodeRecord(record), /"crc32" is not known in version 1/);
  assert.throws(() => decode(record), permanent(/"crc32" is not known in version 1/));
});

Deno.test("from version 2 on the first record may say that its collection was empty", async () => {
  const genesis = decodeRecord(await Deno.readFile(new URL("genesis.json", GOLDEN)), WHERE);
  assert(genesis.kind === "genesis");
  const empty = { ...genesis, wasEmpty: true } as const;
  const known = { ...empty, v: 2 } as const;
  assert.deepEqual(decodeRecord(encodeRecord(known), WHERE), known);
  assert.throws(() => encodeRecord({ ...empty, v: 1 }), /"wasEmpty" is not known in version 1/);
});

Deno.test("a record before version 3 says nothing of how a stream is read, neither read nor written", async () => {
  const genesis = decodeRecord(await Deno.readFile(new URL("genesis.json", GOLDEN)), WHERE);
  assert(genesis.kind === "genesis");
  const settings = { ...genesis.settings, reading: "namespace" as const };
  const now = { ...genesis, v: 3 as const, settings };
  assert.deepEqual(decodeRecord(encodeRecord(now), WHERE), now);
  for (const v of [1, 2] as const) {
    const message = new RegExp(`"settings.reading" is not known in version ${v}$`);
    assert.throws(() => encodeRecord({ ...now, v }), message);
    assert.throws(() => decode({ ...now, v }), permanent(message));
  }
});

Deno.test("decodeRecord names the key and the field of what is malformed", () => {
  const { objects: _, ...withoutObjects } = batch;
  const object = batch.objects[0]!;
  const cases: [unknown, RegExp][] = [
    [{ ...batch, seq: -1 }, /"_trib.*": field "seq" is -1 instead of a whole number from 0$/],
    [{ ...batch, seq: 1.5 }, /field "seq" is 1.5 /],
    [{ ...batch, seq: "7" }, /field "seq" is "7" /],
    [{ ...batch, v: "1" }, /field "v" is "1" instead of 1 or 2 or 3 or 4$/],
    [{ ...batch, kind: 1 }, /field "kind" is missing or no text$/],
    [{ ...batch, id: "" }, /field "id" is "" instead of a text that is not empty$/],
    [{ ...batch, from: null }, /field "from" is null instead of an object$/],
    [{ ...batch, to: { ...batch.to, data: "xyz" } }, /field "to.data" is "xyz" instead of the hex/],
    [{ ...batch, to: { ...batch.to, invalidate: false } }, /field "to.invalidate" is false /],
    [
      { ...batch, to: { operationTime: { t: 2 ** 32, i: 0 }, data: "" } },
      /field "to.operationTime.t"/,
    ],
    [{ ...batch, durableThrough: -2 }, /field "durableThrough" is -2 instead .* from -1$/],
    [{ ...batch, durableThrough: 8 }, /field "durableThrough" is 8, after the record's seq 7$/],
    [{ ...batch, settingsSeq: 8 }, /field "settingsSeq" is 8, after/],
    [{ ...batch, writtenAt: "yesterday" }, /field "writtenAt" is "yesterday" instead of an ISO/],
    [withoutObjects, /field "objects" is missing$/],
    [{ ...batch, objects: {} }, /field "objects" is an object instead of a list$/],
    [
      { ...batch, objects: [object, { ...object, rows: "x" }] },
      /field "objects\[1\]\.rows" is "x"/,
    ],
    [{ ...batch, objects: [{ ...object, bucket: "soon" }] }, /field "objects\[0\]\.bucket"/],
    [{ ...batch, colour: "red" }, /field "colour" is not known$/],
    [{ ...batch, seq: 0, settingsSeq: 0, durableThrough: -1 }, /seq 0 is the genesis$/],
    [[], /field "kind" is missing/],
    [null, /field "kind" is missing/],
  ];
  for (const [value, message] of cases) assert.throws(() => decode(value), permanent(message));
});

Deno.test("decodeRecord refuses what is not JSON in UTF-8, and a cut file", () => {
  const whole = encodeRecord(batch);
  for (const bytes of [new Uint8Array(0), new Uint8Array([0xff]), whole.slice(0, -3)]) {
    assert.throws(
      () => decodeRecord(bytes, WHERE),
      permanent(/"_trib.*" *.* bytes are not JSON: /),
    );
  }
});

Deno.test("encodeRecord writes text that a person can read", () => {
  const shown = new TextDecoder().decode(encodeRecord(batch));
  assert.match(shown, /^\{\n {2}"v": 1,\n {2}"kind": "batch",\n {2}"seq": 7,\n/);
  assert(shown.split("\n").every((line) => line.length <= 120), shown);
});

function decode(value: unknown): JournalRecord {
  return decodeRecord(new TextEncoder().encode(JSON.stringify(value)), WHERE);
}

function permanent(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert(error instanceof PermanentError, String(error));
    assert.match(error.message, message);
    return true;
  };
}
