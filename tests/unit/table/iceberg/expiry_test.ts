import assert from "node:assert/strict";
import { expired, SNAPSHOTS_KEPT } from "../../../../src/table/iceberg/expiry.ts";
import type { TableMetadata } from "../../../../src/table/iceberg/catalog.ts";

const HOUR_MS = 3_600_000n;

/** One snapshot an hour. */
function metadata(hours: number, refs: object = {}): TableMetadata {
  const snapshots = Array.from({ length: hours }, (_, hour) => ({
    ...{ "snapshot-id": BigInt(hour), "timestamp-ms": BigInt(hour) * HOUR_MS },
  }));
  return { snapshots, refs } as unknown as TableMetadata;
}

Deno.test("the last snapshots stay, and the first of each of the last days", () => {
  const gone = new Set(expired(metadata(24 * 10), 24n * 10n * HOUR_MS));
  const kept = Array.from({ length: 24 * 10 }, (_, hour) => hour).filter((h) =>
    !gone.has(BigInt(h))
  );
  const last = Array.from({ length: SNAPSHOTS_KEPT - 1 }, (_, i) => 24 * 10 - 19 + i);
  const firsts = [3, 4, 5, 6, 7, 8, 9].map((day) => day * 24);
  assert.deepEqual(kept, [...new Set([...firsts, ...last])].sort((a, b) => a - b));
});

Deno.test("few snapshots, and those that a branch or a tag names, stay", () => {
  assert.deepEqual(expired(metadata(5), 0n), []);
  const tagged = metadata(24 * 10, { tag: { "snapshot-id": 5n } });
  const gone = expired(tagged, 24n * 10n * HOUR_MS);
  assert.deepEqual([gone.includes(5n), gone.includes(6n)], [false, true]);
  assert.deepEqual(expired({} as TableMetadata, 0n), []);
});
