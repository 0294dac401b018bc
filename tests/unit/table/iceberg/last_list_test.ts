import assert from "node:assert/strict";
import { avroKey } from "../../../../src/table/iceberg/files.ts";
import { withLastList } from "../../../../src/table/iceberg/last_list.ts";
import { icebergStore } from "../../../support/iceberg_world.ts";

const UUID = "00000000-0000-0000-0000-000000000000";

Deno.test("the last list that was written is not asked for, and anything else is", async () => {
  const plain = icebergStore();
  const asked: string[] = [];
  const store = withLastList({ ...plain, get: (key) => (asked.push(key), plain.get(key)) });
  const [manifest, large, first, last] = [
    avroKey("f", 1n, UUID, "m0"),
    ...[2n, 3n, 4n].map((sequence) => avroKey("f", sequence, UUID)),
  ] as [string, string, string, string];
  for (const key of [first, last, manifest]) await store.putIfAbsent(key, new Uint8Array([1]));
  await store.putIfAbsent(large, new Uint8Array(40_000));
  await store.putIfAbsent(first, new Uint8Array([2]));
  for (const key of [manifest, large, first, last]) assert.ok(await store.get(key));
  assert.deepEqual(asked, [manifest, large, first]);
  assert.deepEqual(await store.get(last), new Uint8Array([1]));
});
