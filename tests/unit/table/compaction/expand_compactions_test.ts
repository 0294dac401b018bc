import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import {
  compactionId,
  type CompactionRecord,
  outputPath,
  putCompaction,
} from "../../../../src/table/compaction/compaction_record.ts";
import { expandCompactions } from "../../../../src/table/compaction/expand_compactions.ts";
import { FOLDER } from "../../../support/table_world.ts";

const INPUTS = [1, 2].map((n) => ({ path: `hour=0${n}/${n}.parquet`, bytes: n, rows: n * 10 }));
const PATH = outputPath(compactionId(INPUTS));
const OUTPUT = { path: PATH, bytes: 3, rows: 30 };
const OTHER = { path: "hour=03/3.parquet", bytes: 3, rows: 30 };

async function expand(
  output = OUTPUT,
  { stored = 3, rows = 30, isRecorded = true, isTorn = false } = {},
) {
  const store = new MemoryDestination();
  const record: CompactionRecord = {
    ...{ v: 1, inputs: INPUTS },
    output: { ...OUTPUT, rows, writtenAtMs: 1 },
  };
  if (isRecorded) await putCompaction(store, FOLDER, record);
  const torn = new TextEncoder().encode("{");
  const [key] = await store.list("_tributary/compactions/", { limit: 1 });
  if (isTorn) await store.replace(key!, torn);
  if (stored > 0) await store.putIfAbsent(`${FOLDER}/${PATH}`, new Uint8Array(stored));
  return await expandCompactions([OTHER, output], FOLDER, { records: store, objects: store });
}

Deno.test("expandCompactions puts what was joined in the place of what it became", async () => {
  assert.deepEqual(await expand(), { held: [OTHER, ...INPUTS], faults: [] });
});

Deno.test("expandCompactions tells what is wrong with what was joined", async () => {
  const faultOf = async (...args: Parameters<typeof expand>) => {
    const { faults } = await expand(...args);
    assert.equal(faults.length, 1);
    assert(faults[0]!.startsWith(`${PATH}: `));
    return faults[0]!.slice(PATH.length + 2);
  };
  assert.equal(await faultOf(OUTPUT, { isRecorded: false }), "no compaction names it");
  assert.match(
    await faultOf(OUTPUT, { isTorn: true }),
    /its compaction \w+ cannot be read .* make it anew/,
  );
  assert.equal(await faultOf(OUTPUT, { stored: 0 }), "it is gone");
  assert.equal(await faultOf(OUTPUT, { stored: 4 }), "it has 4 bytes, and its compaction says 3");
  assert.equal(
    await faultOf({ ...OUTPUT, rows: 31 }),
    "the table says 3 bytes and 31 rows, and its compaction 3 and 30",
  );
  const wrong = await faultOf({ ...OUTPUT, rows: 31 }, { rows: 31 });
  assert.equal(wrong, "it has 31 rows, and what was joined 30");
});
