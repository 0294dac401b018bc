import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import type { Snapshot } from "../../../../src/table/iceberg/catalog.ts";
import { metadataAfter, newMetadata } from "../../../../src/table/iceberg/metadata.ts";
import {
  CLUSTER_TIME_ID,
  newProperties,
  TABLE_SCHEMA,
} from "../../../../src/table/iceberg/properties.ts";
import { entriesOf, manifestsOf, stageSnapshot } from "../../../../src/table/iceberg/stage.ts";
import type { StepsForTable } from "../../../../src/table/compaction/begun_table.ts";
import { NO_HOLES } from "../../../../src/table/table_log.ts";
import { icebergStore } from "../../../support/iceberg_world.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { fileNumber, FOLDER } from "../../../support/table_world.ts";

const NAME = { database: "shop", collection: "orders" };

function streamOf(seq: number, gone: readonly string[] = []): StepsForTable {
  const step = { seq, recordId: `${seq}a`, files: [fileNumber(seq)], gone, holes: NO_HOLES };
  return { streams: [{ streamKey: "s", lake: "l", steps: [step] }], joined: [] };
}

Deno.test("a snapshot says what it adds and removes, when, and between which times its objects lie", async () => {
  const store = icebergStore(new MemoryDestination());
  const parts = { store, folder: FOLDER, random: new SeededRandom(1), nowMs: 5000 };
  const table = { location: "x", schema: TABLE_SCHEMA, properties: newProperties(NAME) };
  const empty = newMetadata(table, "uuid", 9000);
  const first = await stageSnapshot(parts, empty, streamOf(1));
  const snapshot = first.updates[0]!["snapshot"] as Snapshot;
  // No clock takes a table's time back.
  assert.equal(snapshot["timestamp-ms"], 9000n);
  assert.equal(snapshot.summary["added-records"], "1");
  assert.equal(first.requirements[1]!["snapshot-id"], null);
  const [manifest] = await manifestsOf(store, FOLDER, snapshot);
  const [entry] = await entriesOf(store, FOLDER, manifest!);
  const { lower_bounds: lower, upper_bounds: upper, file_path } = entry!.data_file;
  const timeOf = (bounds: typeof lower) =>
    new DataView(bounds![0]!.value.buffer).getBigInt64(0, true);
  assert.deepEqual([lower![0]!.key, timeOf(lower), timeOf(upper)], [
    CLUSTER_TIME_ID,
    3_600_000_000n,
    3_600_001_000n,
  ]);
  assert.equal(file_path, `memory:/${FOLDER}/${fileNumber(1).path}`);
  const after = metadataAfter(empty, first, { before: "v1", nowMs: 9000n });
  const second = await stageSnapshot(parts, after, streamOf(2, [fileNumber(1).path]));
  const { summary, "parent-snapshot-id": parent } = second.updates[0]!["snapshot"] as Snapshot;
  assert.equal(parent, snapshot["snapshot-id"]);
  const { operation, "total-data-files": files, "deleted-records": deleted } = summary;
  assert.deepEqual([operation, files, deleted], ["overwrite", "1", "1"]);
  const news = second.updates[0]!["snapshot"] as Snapshot;
  const statuses = [];
  for (const each of await manifestsOf(store, FOLDER, news)) {
    for (const { status, snapshot_id } of await entriesOf(store, FOLDER, each)) {
      statuses.push([status, snapshot_id]);
    }
  }
  assert.deepEqual(statuses, [[2, news["snapshot-id"]], [1, news["snapshot-id"]]]);
});
