import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import type { Catalog, LoadedTable } from "../../../../src/table/iceberg/catalog.ts";
import { FileCatalog } from "../../../../src/table/iceberg/file_catalog.ts";
import { IcebergLog } from "../../../../src/table/iceberg/log.ts";
import { currentSnapshot } from "../../../../src/table/iceberg/metadata.ts";
import { entriesOf, manifestsOf } from "../../../../src/table/iceberg/stage.ts";
import type { TableFile } from "../../../../src/table/table_log.ts";
import { icebergStore, readIceberg } from "../../../support/iceberg_world.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { fileNumber, FOLDER, nothingJoined } from "../../../support/table_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";
import { idOf, steps } from "../steps_of.ts";

const NAME = { database: "shop", collection: "orders" };
const OUTPUT: TableFile = {
  path: "_compact/0a.pq",
  ...{ bytes: 9, rows: 3, writtenAtMs: 1, bounds: { fromMs: 7_200_000, toMs: 10_799_999 } },
};

function scene() {
  const destination = new MemoryDestination();
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const store = icebergStore(destination);
  const failedBeside = (error: unknown) => assert.fail(String(error));
  const openCatalog = () => new FileCatalog({ store, folder: FOLDER, clock, random, failedBeside });
  const open = (catalog: Catalog = openCatalog()) =>
    new IcebergLog({
      ...{ catalog, store, folder: FOLDER, name: NAME, clock, random, failedBeside },
      recordId: (_, seq) => Promise.resolve(idOf(seq)),
      compactions: nothingJoined(),
    });
  /** Status and numbers of all entries that the current snapshot names. */
  const entries = async () => {
    const { metadata } = (await openCatalog().load(NAME))!;
    const snapshot = currentSnapshot(metadata)!;
    const all: unknown[] = [];
    for (const manifest of await manifestsOf(store, FOLDER, snapshot)) {
      for (const each of await entriesOf(store, FOLDER, manifest)) {
        const path = each.data_file.file_path.split("/").at(-1);
        all.push([
          path,
          each.status,
          each.sequence_number,
          each.snapshot_id === snapshot["snapshot-id"],
        ]);
      }
    }
    return { entries: all, snapshot };
  };
  return { destination, store, open, openCatalog, entries };
}

/** A catalog whose next commit is another one. */
function withCommit(
  catalog: Catalog,
  commit: (done: () => ReturnType<Catalog["commit"]>) => ReturnType<Catalog["commit"]>,
): Catalog {
  return {
    load: (name) => catalog.load(name),
    create: (name, table) => catalog.create(name, table),
    drop: (name) => catalog.drop(name),
    commit: (table: LoadedTable, change) => commit(() => catalog.commit(table, change)),
  };
}

const paths = (...seqs: number[]) => seqs.map((seq) => `${seq}-0.parquet`);

async function pathsOf(destination: MemoryDestination): Promise<string[]> {
  return [...(await readIceberg(destination)).paths].map(([path, count]) => {
    assert.equal(count, 1, path);
    return path;
  }).sort();
}

Deno.test("one file stands in a snapshot for others, and everything else of the table stays", async () => {
  const { destination, open, entries } = scene();
  const log = open();
  await log.commit(steps(1, 2));
  await log.commit(steps(3, 4));
  const before = await readIceberg(destination);
  const contents = (await log.contents())!;
  assert.equal(await contents.replace(paths(1, 2, 3), OUTPUT), "replaced");
  assert.deepEqual(await pathsOf(destination), ["4-0.parquet", OUTPUT.path]);
  const after = await readIceberg(destination);
  assert.deepEqual([after.txns, after.configuration], [before.txns, before.configuration]);
  const { entries: all, snapshot } = await entries();
  assert.deepEqual(all, [
    ["1-0.parquet", 2, 1n, true],
    ["2-0.parquet", 2, 1n, true],
    ["3-0.parquet", 2, 2n, true],
    ["4-0.parquet", 0, 2n, false],
    ["0a.pq", 1, 3n, true],
  ]);
  const { operation, "total-data-files": files, "total-records": rows } = snapshot.summary;
  const { "added-data-files": added, "deleted-data-files": deleted } = snapshot.summary;
  assert.deepEqual([operation, files, rows, added, deleted], ["replace", "2", "4", "1", "3"]);
  // Manifests of which nothing is left go, and the table goes on.
  await log.commit(steps(5, 5));
  assert.deepEqual((await entries()).entries, [
    ["3-0.parquet", 2, 2n, false],
    ["4-0.parquet", 0, 2n, false],
    ["0a.pq", 1, 3n, false],
    ["5-0.parquet", 1, 4n, true],
  ]);
  const { files: there } = (await open().contents())!;
  assert.deepEqual(there.find(({ path }) => path === OUTPUT.path), {
    ...{ path: OUTPUT.path, bytes: 9, rows: 3, bounds: OUTPUT.bounds },
  });
});

Deno.test("a file tells of itself what it was added with", async () => {
  const { open } = scene();
  const log = open();
  await log.commit(steps(1, 1, { files: [fileNumber(3)] }));
  const { path, bytes, rows, bounds } = fileNumber(3);
  assert.deepEqual((await log.contents())!.files, [{ path, bytes, rows, bounds }]);
});

Deno.test("where an input has gone, or it is another table, nothing is done", async () => {
  const { destination, open, openCatalog } = scene();
  const log = open();
  await log.commit(steps(1, 4));
  const late = (await open().contents())!;
  assert.equal(await (await log.contents())!.replace(paths(1, 2), OUTPUT), "replaced");
  const other = { ...OUTPUT, path: "_compact/0b.pq" };
  assert.equal(await late.replace(paths(2, 3), other), "changed");
  // The same again is done already.
  assert.equal(await late.replace(paths(1, 2), OUTPUT), "replaced");
  assert.deepEqual(await pathsOf(destination), [...paths(3, 4), OUTPUT.path]);
  await openCatalog().drop();
  assert.equal(await late.replace(paths(3, 4), other), "changed");
  await open().commit(steps(1, 4));
  assert.equal(await late.replace(paths(3, 4), other), "changed");
  assert.deepEqual(await pathsOf(destination), paths(1, 2, 3, 4));
});

Deno.test("who was faster is looked at, and what it has taken out is not taken out again", async () => {
  for (const isInTheWay of [false, true]) {
    const { destination, open, openCatalog } = scene();
    await open().commit(steps(1, 4));
    let commits = 0;
    const catalog = withCommit(openCatalog(), async (done) => {
      if (++commits === 1) {
        if (isInTheWay) {
          const theirs = { ...OUTPUT, path: "_compact/0b.pq" };
          await (await open().contents())!.replace(paths(2, 3), theirs);
        } else await open().commit(steps(5, 5));
      }
      return await done();
    });
    const outcome = await (await open(catalog).contents())!.replace(paths(1, 2), OUTPUT);
    assert.equal(outcome, isInTheWay ? "changed" : "replaced");
    const expected = isInTheWay
      ? [...paths(1, 4), "_compact/0b.pq"]
      : [...paths(3, 4, 5), OUTPUT.path];
    assert.deepEqual(await pathsOf(destination), expected);
  }
});

Deno.test("of an answer that was lost the table tells, and who answers never is left alone", async () => {
  for (const isDone of [false, true]) {
    const { destination, open, openCatalog } = scene();
    await open().commit(steps(1, 3));
    let commits = 0;
    const catalog = withCommit(openCatalog(), async (done) => {
      if (++commits > 1) return await done();
      if (isDone) await done();
      return "unknown";
    });
    assert.equal(await (await open(catalog).contents())!.replace(paths(1, 2), OUTPUT), "replaced");
    assert.deepEqual(await pathsOf(destination), ["3-0.parquet", OUTPUT.path]);
    assert.equal(commits, isDone ? 1 : 2);
  }
  const { open, openCatalog } = scene();
  await open().commit(steps(1, 3));
  const silent = withCommit(openCatalog(), () => Promise.resolve("unknown"));
  const contents = await open(silent).contents();
  await assert.rejects(contents!.replace(paths(1, 2), OUTPUT), /answers were lost 3 times/);
});

Deno.test("a table that is large is read once for many replacements", async () => {
  const { store, open, openCatalog } = scene();
  const log = open();
  for (let seq = 1; seq <= 20; seq++) await log.commit(steps(seq, seq));
  let reads = 0;
  const counted = { ...store, get: (key: string) => (reads++, store.get(key)) };
  const own = new IcebergLog({
    ...{ catalog: openCatalog(), store: counted, folder: FOLDER, name: NAME },
    ...{ clock: new VirtualClock(), random: new SeededRandom(9) },
    recordId: () => Promise.resolve(undefined),
    compactions: nothingJoined(),
  });
  const contents = (await own.contents())!;
  assert.equal(reads, 21);
  for (let i = 0; i < 5; i++) {
    reads = 0;
    const output = { ...OUTPUT, path: `_compact/${i}.pq` };
    assert.equal(await contents.replace(paths(4 * i + 1, 4 * i + 2), output), "replaced");
    // Two lists, two manifests with inputs, and what our own commit has written.
    assert(reads <= 7, `${reads} reads`);
  }
});
