import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { FileCatalog } from "../../../../src/table/iceberg/file_catalog.ts";
import { metadataFolder } from "../../../../src/table/iceberg/files.ts";
import { IcebergLog } from "../../../../src/table/iceberg/log.ts";
import { NO_HOLES } from "../../../../src/table/table_log.ts";
import { icebergStore, readIceberg } from "../../../support/iceberg_world.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { fileNumber, FOLDER, nothingJoined } from "../../../support/table_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const HOUR_MS = 3_600_000;

Deno.test("over weeks a table keeps what was read in the last one, and nothing of before", async () => {
  const destination = new MemoryDestination();
  const clock = new VirtualClock();
  const parts = { clock, random: new SeededRandom(1), folder: FOLDER };
  const store = icebergStore(destination);
  const failedBeside = (error: unknown) => assert.fail(String(error));
  const catalog = new FileCatalog({ ...parts, store, failedBeside });
  const log = new IcebergLog({
    ...{ ...parts, store, catalog, failedBeside, name: { database: "shop", collection: "orders" } },
    recordId: (_, seq) => Promise.resolve(`${seq}a`),
    compactions: nothingJoined(),
  });
  const commits = 24 * 25;
  /** What a reader that came then is to read, by the hour. */
  const current = new Map<number, readonly string[]>();
  for (let hour = 1; hour <= commits; hour++) {
    await clock.advance(HOUR_MS);
    const step = { seq: hour, recordId: `${hour}a`, gone: [], holes: NO_HOLES };
    const steps = [{ ...step, files: [fileNumber(hour)] }];
    await log.commit([{ streamKey: "s", lake: "l", steps }]);
    current.set(hour, (await readIceberg(destination)).files);
  }
  const keys = new Set(await destination.list(metadataFolder(FOLDER), { limit: 10_000 }));
  for (let hour = commits - 24 * 7; hour <= commits; hour++) {
    for (const key of current.get(hour)!) assert(keys.has(key), `${key} of the hour ${hour}`);
  }
  assert(keys.size < 24 * 14 * 3, `${keys.size} files`);
  assert.equal((await readIceberg(destination)).paths.size, commits);
});
