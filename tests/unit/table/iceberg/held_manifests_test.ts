import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { HeldManifests } from "../../../../src/table/iceberg/held_manifests.ts";
import { metadataAfter, newMetadata } from "../../../../src/table/iceberg/metadata.ts";
import { newProperties, TABLE_SCHEMA } from "../../../../src/table/iceberg/properties.ts";
import { stageSnapshot } from "../../../../src/table/iceberg/stage.ts";
import { NO_HOLES } from "../../../../src/table/table_log.ts";
import { icebergStore } from "../../../support/iceberg_world.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { fileNumber, FOLDER } from "../../../support/table_world.ts";

Deno.test("what a table has is read by manifest, each once, and what is gone from it is not there", async () => {
  const store = icebergStore(new MemoryDestination());
  const properties = newProperties({ database: "shop", collection: "orders" });
  let metadata = newMetadata({ location: "x", schema: TABLE_SCHEMA, properties }, "uuid", 0);
  const parts = { store, folder: FOLDER, random: new SeededRandom(1), nowMs: 1 };
  const change = async (seq: number, gone: readonly string[] = []) => {
    const step = { seq, recordId: `${seq}a`, gone, holes: NO_HOLES, files: [fileNumber(seq)] };
    const streams = [{ streamKey: "s", lake: "l", steps: [step] }];
    const staged = await stageSnapshot(parts, metadata, { streams, joined: [] });
    metadata = metadataAfter(metadata, staged, { before: `v${seq}`, nowMs: 1n });
  };
  let reads = 0;
  const counted = { ...store, get: (key: string) => (reads++, store.get(key)) };
  const held = new HeldManifests(counted, FOLDER);
  assert.deepEqual(await held.read(metadata), []);
  await change(1);
  await change(2);
  const files = await held.read(metadata);
  const { writtenAtMs: _, ...second } = fileNumber(2);
  assert.deepEqual(files.at(-1), second);
  assert(held.names({ manifest_path: "another" }, [second.path]) === false);
  reads = 0;
  await change(3, [second.path]);
  await held.bringTo(metadata);
  // The list, the manifest of the news, and the one that was written again.
  assert.equal(reads, 3);
  assert(held.has(fileNumber(3).path) && held.has(fileNumber(1).path) && !held.has(second.path));
});
