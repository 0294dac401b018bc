import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { TransientError } from "../../../../src/model/errors.ts";
import {
  compactionId,
  type CompactionRecord,
  idOfOutput,
  listCompactions,
  outputPath,
  putCompaction,
  readCompaction,
  unlessUnreadable,
} from "../../../../src/table/compaction/compaction_record.ts";
import { FOLDER } from "../../../support/table_world.ts";

const INPUTS = [1, 2].map((n) => ({ path: `hour=0${n}/${n}.parquet`, bytes: n, rows: n * 10 }));

function recordOf(inputs: typeof INPUTS, rows = 30): CompactionRecord {
  const path = outputPath(compactionId(inputs));
  const bounds = { fromMs: 5, toMs: 7 };
  return { v: 1, inputs, output: { path, bytes: 3, rows, writtenAtMs: 9, bounds } };
}

Deno.test("compactionId tells what is joined, and in which order", () => {
  const id = compactionId(INPUTS);
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(compactionId(INPUTS.map((each) => ({ ...each }))), id);
  const others = [
    INPUTS.toReversed(),
    INPUTS.slice(1),
    INPUTS.map((each) => ({ ...each, bytes: each.bytes + 1 })),
  ];
  assert.equal(new Set([id, ...others.map(compactionId)]).size, 4);
  // As tables have it.
  assert.equal(id, "6d6c2f916f52b06c20f97d8d5ee13b19");
});

Deno.test("outputs lie where no reader of a whole lake finds them, and only they are taken for outputs", () => {
  assert.equal(outputPath("ab"), "_compact/ab.pq");
  assert.equal(idOfOutput("_compact/ab.pq"), "ab");
  assert.equal(idOfOutput("hour=01/a.parquet"), undefined);
  assert.equal(idOfOutput("hour=01/_compact/ab.pq"), undefined);
});

Deno.test("a record is written once, and read and listed by the folder it is of", async () => {
  const store = new MemoryDestination();
  const record = recordOf(INPUTS);
  const id = compactionId(INPUTS);
  assert.deepEqual(await putCompaction(store, FOLDER, record), record);
  const later = { ...record, output: { ...record.output, writtenAtMs: 99 } };
  assert.deepEqual(await putCompaction(store, FOLDER, later), record);
  await putCompaction(store, `${FOLDER}/inner`, recordOf(INPUTS.slice(1)));
  assert.deepEqual(await readCompaction(store, FOLDER, id), record);
  assert.equal(await readCompaction(store, FOLDER, "00"), undefined);
  assert.deepEqual(await listCompactions(store, FOLDER), [id]);
});

Deno.test("a record that cannot be read, or is of other inputs, is no record", async () => {
  const store = new MemoryDestination();
  const id = compactionId(INPUTS);
  const key = `_tributary/compactions/${FOLDER}/${id}.json`;
  const put = (value: unknown) =>
    store.replace(key, new TextEncoder().encode(JSON.stringify(value)));
  await put({ ...recordOf(INPUTS), later: 1 });
  assert.deepEqual(await readCompaction(store, FOLDER, id), recordOf(INPUTS));
  const wrong = /Cannot write the table in "db=shop\/coll=orders\/": its compaction \w+ cannot be/;
  for (const value of [{ v: 2 }, { ...recordOf(INPUTS), inputs: [] }, [], { v: 1, inputs: 1 }]) {
    await put(value);
    await assert.rejects(readCompaction(store, FOLDER, id), wrong);
    assert.equal(await unlessUnreadable(() => readCompaction(store, FOLDER, id)), undefined);
  }
});

Deno.test("a record that is not answered is not taken for one that cannot be read", async () => {
  const away = () => Promise.reject(new TransientError("The store is away"));
  await assert.rejects(unlessUnreadable(away), /^TransientError: The store is away$/);
});
