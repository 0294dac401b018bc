import assert from "node:assert/strict";
import { newMetadata } from "../../../../src/table/iceberg/metadata.ts";
import { newProperties, TABLE_SCHEMA } from "../../../../src/table/iceberg/properties.ts";
import { readMetadata } from "../../../../src/table/iceberg/read_metadata.ts";

const NAME = { database: "shop", collection: "orders" };
const TABLE = { location: "memory:/a", schema: TABLE_SCHEMA, properties: newProperties(NAME) };
const OURS = newMetadata(TABLE, "u", 1);
const SNAPSHOT = {
  ...{ "snapshot-id": 5n, "sequence-number": 1n, "timestamp-ms": 1n, "manifest-list": "memory:/l" },
  summary: {},
};

Deno.test("metadata of ours is read as it is, with what others have put there", () => {
  for (const more of [{}, { snapshots: [SNAPSHOT], "current-snapshot-id": 5n, statistics: 7 }]) {
    assert.deepEqual(readMetadata({ ...OURS, ...more }), { ...OURS, ...more });
  }
  const none = { ...OURS, "current-snapshot-id": null, refs: null };
  assert.deepEqual(readMetadata(none), none);
});

Deno.test("metadata of others needs next to nothing, whatever their version", () => {
  const given = { "format-version": 1, "table-uuid": "u" };
  const read = { ...given, "last-sequence-number": 0n, properties: {} };
  assert.deepEqual(readMetadata(given), read);
  assert.deepEqual(readMetadata({ ...given, properties: null }), read);
  const foreign = { ...given, "format-version": 2, snapshots: {} };
  assert.deepEqual(readMetadata(foreign), { ...read, ...foreign });
});

Deno.test("metadata that cannot be is refused with the field", () => {
  const texts: [unknown, RegExp][] = [
    [null, /the whole is null/],
    [{ "format-version": 2 }, /field "table-uuid" is missing/],
    [{ ...OURS, "last-sequence-number": "5" }, /field "last-sequence-number"/],
    [{ ...OURS, snapshots: {} }, /field "snapshots" is an object instead of a list/],
    [{ ...OURS, snapshots: [{ ...SNAPSHOT, summary: 1 }] }, /field "snapshots\[0\].summary"/],
    [{ ...OURS, schemas: [null] }, /field "schemas\[0\]" is null/],
    [{ ...OURS, "partition-specs": {} }, /field "partition-specs"/],
    [{ ...OURS, properties: { ...TABLE.properties, a: 1 } }, /field "properties.a" is 1/],
    [{ ...OURS, "current-snapshot-id": 5n }, /its snapshot 5 is not there/],
  ];
  for (const [value, reason] of texts) assert.throws(() => readMetadata(value), reason);
});
