import assert from "node:assert/strict";
import type { BatchRecord } from "../../../../src/model/record.ts";
import type { OutsideCall } from "../../../support/outside.ts";
import { RangeWorld } from "../../../support/range_world.ts";

/** A range whose first copy ends before the object of its first chunk is put. */
async function broken(): Promise<{ range: RangeWorld; record: BatchRecord }> {
  const range = new RangeWorld(3);
  const copy = range.copy();
  copy.outside.plan = ({ method, args }: OutsideCall) =>
    method === "putIfAbsent" && String(args[0]).startsWith("db=")
      ? { kind: "crash", when: "before" }
      : undefined;
  await copy.runToEnd();
  const [record] = await range.chunks();
  return { range, record: record! };
}

Deno.test("redoChunk() makes the object as it was recorded while its time can be read", async () => {
  const { range, record } = await broken();
  range.change();
  await range.copy().runToEnd();
  const [{ key, bytes }] = record.objects as [BatchRecord["objects"][number]];
  assert.equal((await range.world.destination.head(key))?.bytes, bytes);
  await range.assertComplete([]);
  assert((await range.records()).every(({ kind }) => kind !== "emptied"));
});

Deno.test("redoChunk() puts an object without rows where its time cannot be read", async () => {
  const { range, record } = await broken();
  range.documents.forget();
  await range.copy().runToEnd();
  assert.equal((await range.world.destination.head(record.objects[0]!.key))?.bytes, 0);
  await range.assertComplete([]);
  assert((await range.records()).some(({ kind }) => kind === "emptied"));
});

Deno.test("redoChunk() takes an object that is not as recorded for one that was emptied, also if its time can be read", async () => {
  const { range, record } = await broken();
  await range.world.destination.putIfAbsent(record.objects[0]!.key, new Uint8Array());
  await range.copy().runToEnd();
  await range.assertComplete([]);
  const emptied = (await range.records()).find(({ kind }) => kind === "emptied");
  assert(emptied?.kind === "emptied");
  assert.deepEqual(emptied.chunks, [record.seq]);
});

Deno.test("redoChunk() stores no other bytes than were recorded, whatever the server says of that time", async () => {
  const { range, record } = await broken();
  range.documents.belie("orders", [{ _id: 1, value: 7 }, { _id: 2, value: 7 }, {
    _id: 3,
    value: 7,
  }]);
  await range.copy().runToEnd();
  assert.equal((await range.world.destination.head(record.objects[0]!.key))?.bytes, 0);
  await range.assertComplete([]);
});
