import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import type { Catalog } from "../../../../src/table/iceberg/catalog.ts";
import { FileCatalog } from "../../../../src/table/iceberg/file_catalog.ts";
import { withLastList } from "../../../../src/table/iceberg/last_list.ts";
import { IcebergLog, type IcebergParts } from "../../../../src/table/iceberg/log.ts";
import { icebergStore, readIceberg } from "../../../support/iceberg_world.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { FOLDER, nothingJoined } from "../../../support/table_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";
import { idOf, steps } from "../steps_of.ts";

const fail = (error: unknown) => assert.fail(String(error));

const NAME = { database: "shop", collection: "orders" };

function scene() {
  const destination = new MemoryDestination();
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const store = icebergStore(destination);
  const files = { store, folder: FOLDER, clock, random, failedBeside: fail };
  const openCatalog = () => new FileCatalog(files);
  const open = (own: Partial<IcebergParts> = {}) =>
    new IcebergLog({
      ...{ catalog: openCatalog(), store, folder: FOLDER, name: NAME, clock, random },
      recordId: (_, seq) => Promise.resolve(idOf(seq)),
      compactions: nothingJoined(),
      ...own,
    });
  return { destination, open, openCatalog };
}

Deno.test("what a table has is not committed again, by whoever", async () => {
  const { destination, open } = scene();
  const log = open();
  const first = await log.commit(steps(1, 3));
  assert(first.outcome === "complete");
  assert.deepEqual(await log.look(), { id: first.id, version: 1 });
  const again = await open().commit(steps(2, 5), { id: first.id, version: first.version });
  assert.deepEqual([again.outcome, "commits" in again && again.commits], ["complete", 1]);
  await log.commit(steps(1, 5));
  const { paths, txns, snapshots } = await readIceberg(destination);
  assert.deepEqual([...paths].sort(), [1, 2, 3, 4, 5].map((seq) => [`${seq}-0.parquet`, 1]));
  assert.deepEqual([txns.get("s@l"), snapshots], [5, 2]);
});

Deno.test("files that are gone are taken out, and holes are told", async () => {
  const { destination, open } = scene();
  await open().commit(steps(1, 3));
  const holes = { gaps: 1, voidedObjects: 2, deadLetters: 0, objectsElsewhere: 0 };
  const gone = ["2-0.parquet", "never-there.parquet"];
  await open().commit(steps(4, 4, { gone, holes }));
  const { paths, configuration } = await readIceberg(destination);
  assert.deepEqual([...paths.keys()].sort(), ["1-0.parquet", "3-0.parquet", "4-0.parquet"]);
  assert.equal(configuration["tributary.voidedObjects"], "2");
  await open().commit(steps(5, 5, { files: [], gone: ["1-0.parquet"] }));
  assert.deepEqual((await readIceberg(destination)).paths.size, 2);
});

Deno.test("a large backlog becomes several commits, and many commits few manifests and snapshots", async () => {
  const { destination, open } = scene();
  const log = open();
  await log.commit(steps(1, 5, {}, 900));
  assert.equal((await readIceberg(destination)).snapshots, 3);
  for (let seq = 6; seq <= 130; seq++) await log.commit(steps(seq, seq));
  const { paths, manifests, snapshots } = await readIceberg(destination);
  assert.equal(paths.size, 4500 + 125);
  assert([...paths.values()].every((count) => count === 1));
  assert(manifests < 100 && snapshots === 21, `${manifests} manifests, ${snapshots} snapshots`);
});

Deno.test("another table than the one that was known is told, and one of somebody else left alone", async () => {
  const { open, openCatalog, destination } = scene();
  const made = await open().commit(steps(1, 2));
  assert(made.outcome === "complete");
  const known = { id: made.id, version: made.version };
  for (const other of [{ ...known, id: "another" }, { ...known, version: 7 }]) {
    assert.deepEqual(await open().commit(steps(3, 3), other), { outcome: "another" });
  }
  await openCatalog().drop();
  assert.equal(await open().look(), undefined);
  assert.deepEqual(await open().commit(steps(3, 3), known), { outcome: "another" });
  await openCatalog().create(NAME, { location: "l", schema: { fields: [] }, properties: {} });
  const before = await destination.list("", { limit: 100 });
  await assert.rejects(open().commit(steps(1, 1)), /somebody else has made it/);
  assert.deepEqual(await destination.list("", { limit: 100 }), before);
});

Deno.test("a lost answer is asked again, whether or not the change was made", async () => {
  for (const isMade of [true, false]) {
    const { destination, open, openCatalog } = scene();
    const catalog = openCatalog();
    let lost = 0;
    const lossy: Catalog = {
      load: (name) => catalog.load(name),
      drop: () => catalog.drop(),
      create: (name, table) => catalog.create(name, table),
      async commit(table, change) {
        if (lost++ > 0) return await catalog.commit(table, change);
        if (isMade) await catalog.commit(table, change);
        return "unknown";
      },
    };
    const outcome = await open({ catalog: lossy }).commit(steps(1, 3));
    assert.deepEqual("commits" in outcome && [outcome.commits, outcome.conflicts], [
      isMade ? 1 : 2,
      1,
    ]);
    const { paths, txns } = await readIceberg(destination);
    assert.deepEqual([...paths.values()], [1, 1, 1]);
    assert.equal(txns.get("s@l"), 3);
  }
});

Deno.test("a catalog that answers nothing is left for the next turn", async () => {
  const { open, openCatalog } = scene();
  const catalog = openCatalog();
  await catalog.create(NAME, {
    ...{ location: "l", schema: { fields: [{ id: 1 }] } },
    properties: {},
  });
  const silent: Catalog = {
    load: () => Promise.resolve(undefined),
    drop: () => Promise.resolve(),
    create: () => Promise.resolve("unknown"),
    commit: () => Promise.resolve("unknown"),
  };
  await assert.rejects(open({ catalog: silent }).commit(steps(1, 1)), /answers were lost 3 times/);
  const busy: Catalog = { ...silent, create: () => Promise.resolve("conflict") };
  await assert.rejects(open({ catalog: busy }).commit(steps(1, 1)), /others were faster 100 times/);
});

Deno.test("a commit to a table that is known takes five requests", async () => {
  const { destination, open } = scene();
  const requests: string[] = [];
  const plain = icebergStore(destination);
  const store = new Proxy(plain, {
    get(target, name: keyof typeof plain) {
      const method = target[name];
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        requests.push(name);
        return (method as (...args: unknown[]) => unknown)(...args);
      };
    },
  });
  const clock = new VirtualClock();
  const parts = { store, folder: FOLDER, clock, random: new SeededRandom(2) };
  const catalog = new FileCatalog({ ...parts, failedBeside: fail });
  const log = open({ store: withLastList(store), catalog });
  await log.commit(steps(1, 2));
  requests.length = 0;
  await log.commit(steps(3, 3));
  assert.deepEqual(requests, [
    "get",
    ...["putIfAbsent", "putIfAbsent", "putIfAbsent"],
    "replace",
  ]);
});
