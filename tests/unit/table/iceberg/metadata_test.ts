import assert from "node:assert/strict";
import type { Snapshot, Update } from "../../../../src/table/iceberg/catalog.ts";
import {
  currentSchema,
  currentSnapshot,
  metadataAfter,
  newMetadata,
  timeOfChange,
  unmet,
} from "../../../../src/table/iceberg/metadata.ts";
import { TABLE_SCHEMA } from "../../../../src/table/iceberg/properties.ts";

const EMPTY = newMetadata(
  { location: "s3://l/t", schema: TABLE_SCHEMA, properties: { a: "1" } },
  "uuid",
  1000,
);

function snapshot(id: bigint): Snapshot {
  return {
    ...{ "snapshot-id": id, "sequence-number": id, "timestamp-ms": 1000n + id },
    ...{ "manifest-list": `l${id}`, summary: { operation: "append" } },
  };
}

function append(id: bigint, ...more: Update[]) {
  const updates = [
    { action: "add-snapshot", snapshot: snapshot(id) },
    { action: "set-snapshot-ref", "ref-name": "main", type: "branch", "snapshot-id": id },
    ...more,
  ];
  return { updates };
}

const at = (n: number) => ({ before: `v${n}`, nowMs: 2000n + BigInt(n) });

Deno.test("a new table has our columns and nothing in it", () => {
  assert.equal(currentSnapshot(EMPTY), undefined);
  assert.equal(currentSchema(EMPTY), TABLE_SCHEMA);
  assert.equal(currentSchema({ ...EMPTY, schemas: undefined }), undefined);
  assert.equal(EMPTY["last-column-id"], 11);
});

Deno.test("a snapshot becomes the current one, and the metadata before it is named", () => {
  const set = { action: "set-properties", updates: { b: "2" } };
  const first = metadataAfter(EMPTY, append(7n, set), at(1));
  assert.equal(currentSnapshot(first)?.["manifest-list"], "l7");
  assert.deepEqual([first["last-sequence-number"], first.properties], [7n, { a: "1", b: "2" }]);
  assert.deepEqual(first["metadata-log"], [{ "timestamp-ms": 1000n, "metadata-file": "v1" }]);
  const removed = { action: "remove-snapshots", "snapshot-ids": [7n] };
  const second = metadataAfter(first, append(8n, removed), at(2));
  assert.deepEqual(second.snapshots?.map((each) => each["snapshot-id"]), [8n]);
  assert.deepEqual(second["snapshot-log"], [{ "snapshot-id": 8n, "timestamp-ms": 1008n }]);
  let last = second;
  for (let n = 0; n < 40; n++) last = metadataAfter(last, { updates: [] }, at(n));
  assert.equal((last["metadata-log"] as unknown[]).length, 20);
});

Deno.test("a clock that is behind the table's does not make its time go back", () => {
  assert.deepEqual([999, 1000.7, 1001].map((nowMs) => timeOfChange(EMPTY, nowMs)), [
    ...[1000n, 1000n, 1001n],
  ]);
});

Deno.test("another branch does not become what readers read", () => {
  const branch = { action: "set-snapshot-ref", "ref-name": "b", type: "branch", "snapshot-id": 7n };
  const after = metadataAfter(EMPTY, { updates: [branch] }, at(1));
  assert.equal(after["current-snapshot-id"], -1n);
});

Deno.test("a requirement that does not hold is named, and what nobody knows is refused", () => {
  const first = metadataAfter(EMPTY, append(7n), at(1));
  const uuid = (uuid: string) => ({ type: "assert-table-uuid", uuid });
  const ref = (id: bigint | null) => (
    { type: "assert-ref-snapshot-id", ref: "main", "snapshot-id": id }
  );
  assert.equal(unmet(EMPTY, [uuid("uuid"), ref(null)]), undefined);
  assert.deepEqual(unmet(EMPTY, [uuid("other")]), uuid("other"));
  assert.equal(unmet(first, [ref(7n)]), undefined);
  for (const id of [null, 8n]) assert.deepEqual(unmet(first, [ref(id)]), ref(id));
  assert.throws(() => unmet(first, [{ type: "assert-me" }]), RangeError);
  assert.throws(() => metadataAfter(first, { updates: [{ action: "do" }] }, at(1)), RangeError);
});
