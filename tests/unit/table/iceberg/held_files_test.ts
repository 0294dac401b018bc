import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import type { Snapshot } from "../../../../src/table/iceberg/catalog.ts";
import { avroKey, urlOf } from "../../../../src/table/iceberg/files.ts";
import { heldFiles } from "../../../../src/table/iceberg/held_files.ts";
import { manifestFileOf, writeManifestList } from "../../../../src/table/iceberg/manifest.ts";
import { metadataAfter, newMetadata } from "../../../../src/table/iceberg/metadata.ts";
import { newProperties, TABLE_SCHEMA } from "../../../../src/table/iceberg/properties.ts";
import { stageSnapshot } from "../../../../src/table/iceberg/stage.ts";
import { NO_HOLES } from "../../../../src/table/table_log.ts";
import { icebergStore } from "../../../support/iceberg_world.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { fileNumber, FOLDER } from "../../../support/table_world.ts";

Deno.test("a table has what its manifests name, and rows that others have deleted are a fault", async () => {
  const store = icebergStore(new MemoryDestination());
  const properties = newProperties({ database: "shop", collection: "orders" });
  const empty = newMetadata({ location: "x", schema: TABLE_SCHEMA, properties }, "uuid", 0);
  assert.deepEqual(await heldFiles(store, FOLDER, empty), []);
  const parts = { store, folder: FOLDER, random: new SeededRandom(1), nowMs: 1 };
  const step = { seq: 1, recordId: "1a", gone: [], holes: NO_HOLES, files: [fileNumber(3)] };
  const streams = [{ streamKey: "s", lake: "l", steps: [step] }];
  const change = await stageSnapshot(parts, empty, { streams, joined: [] });
  const metadata = metadataAfter(empty, change, { before: "v1", nowMs: 1n });
  const { path, bytes, rows } = fileNumber(3);
  assert.deepEqual(await heldFiles(store, FOLDER, metadata), [{ path, bytes, rows }]);
  const place = { url: "deletes.avro", bytes: 1, sequence: 2n, snapshot: 2n };
  const deletes = { ...manifestFileOf(place, []), content: 1 };
  const key = avroKey(FOLDER, 2n, "00000000-0000-4000-8000-000000000000");
  await store.putIfAbsent(key, writeManifestList({ id: 2n, parent: 1n, sequence: 2n }, [deletes]));
  const [first] = metadata.snapshots!;
  const other: Snapshot = { ...first!, "manifest-list": urlOf(store, key) };
  await assert.rejects(
    heldFiles(store, FOLDER, { ...metadata, snapshots: [other] }),
    /somebody has deleted rows: deletes\.avro/,
  );
});
