import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { dropFiles } from "../../../../src/table/iceberg/dropping.ts";
import { FileCatalog } from "../../../../src/table/iceberg/file_catalog.ts";
import { versionKey } from "../../../../src/table/iceberg/versions.ts";
import { avroKey, metadataFolder } from "../../../../src/table/iceberg/files.ts";
import { icebergStore } from "../../../support/iceberg_world.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { FOLDER } from "../../../support/table_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

async function scene(...others: string[]) {
  const destination = new MemoryDestination();
  const store = icebergStore(destination);
  const random = new SeededRandom(1);
  const keys = [
    ...[versionKey(FOLDER, 1), versionKey(FOLDER, 2), `${metadataFolder(FOLDER)}version-hint.text`],
    avroKey(FOLDER, 1n, random.uuid(), "m0"),
    ...others,
  ];
  for (const key of keys) await destination.putIfAbsent(key, new Uint8Array([1]));
  const catalog = new FileCatalog({
    ...{
      store,
      folder: FOLDER,
      clock: new VirtualClock(),
      random,
      failedBeside: (error) => assert.fail(String(error)),
    },
  });
  return { destination, store, catalog };
}

Deno.test("all of a table goes, and nothing that is not its", async () => {
  const others = [
    `${FOLDER}/a.parquet`,
    `${FOLDER}/metadata/x.avro`,
    `${FOLDER}/metadata/v/1.json`,
  ];
  const { destination, store, catalog } = await scene(...others);
  await dropFiles(store, FOLDER, catalog);
  assert.deepEqual(await destination.list("", { limit: 100 }), others.toSorted());
});

Deno.test("what a copy at work puts once more goes as well, and a table that begins anew stays", async () => {
  const { destination, store, catalog } = await scene();
  const late = [versionKey(FOLDER, 3), versionKey(FOLDER, 1)];
  const busy = {
    async drop() {
      await catalog.drop();
      const next = late.shift();
      if (next !== undefined) await destination.putIfAbsent(next, new Uint8Array([2]));
    },
  };
  await dropFiles(store, FOLDER, busy);
  assert.deepEqual(await destination.list("", { limit: 100 }), [versionKey(FOLDER, 1)]);
});
