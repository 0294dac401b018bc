/** Tables of snapshots, of many collections, and of many commits. */
import assert from "node:assert/strict";
import { namesObjects } from "../../src/model/record.ts";
import type { DeltaStore } from "../../src/table/delta/files.ts";
import { DeltaLog } from "../../src/table/delta/log.ts";
import { FileCatalog } from "../../src/table/iceberg/file_catalog.ts";
import type { IcebergStore } from "../../src/table/iceberg/files.ts";
import { withLastList } from "../../src/table/iceberg/last_list.ts";
import { IcebergLog } from "../../src/table/iceberg/log.ts";
import { icebergStore, readIceberg } from "../support/iceberg_world.ts";
import { MemoryDestination } from "../../src/destination/memory_destination.ts";
import type { StreamSteps } from "../../src/table/table_log.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { atCall } from "../support/outside.ts";
import { RangeWorld } from "../support/range_world.ts";
import {
  deltaStore,
  fileNumber,
  FOLDER,
  follower,
  nothingJoined,
  readTable,
  TABLE_SETTINGS,
  turnToEnd,
  write,
} from "../support/table_world.ts";

Deno.test("of a snapshot a table has each chunk that counts, and never one that was emptied, wherever a copy died", async () => {
  let calls = 0;
  for (let number = 1; number <= CALLS_MAX; number++) {
    const range = new RangeWorld(11, TABLE_SETTINGS);
    const { world } = range;
    const first = range.copy();
    first.outside.plan = atCall(
      number,
      { kind: "crash", when: "after" },
      ({ target }) => target === "destination",
    );
    await first.runToEnd();
    if (!first.outside.isKilled) break;
    calls = number;
    const tables = follower(world);
    await turnToEnd(tables);
    range.documents.forget();
    range.change();
    await range.copy().runToEnd();
    await turnToEnd(tables);
    await assertSnapshot(range).catch((cause) => {
      throw new Error(`After a crash at call ${number}`, { cause });
    });
    await world.destination.remove("_tributary/tables/delta.json");
    await turnToEnd(follower(world));
    await assertSnapshot(range);
  }
  assert(calls > 10, `only ${calls} calls`);
});

const CALLS_MAX = 300;

async function assertSnapshot(range: RangeWorld): Promise<void> {
  const { destination } = range.world;
  const records = await range.records();
  const emptied = new Set(
    records.flatMap((record) => record.kind === "emptied" ? record.chunks : []),
  );
  const objects = records.filter(namesObjects).filter(({ seq }) => !emptied.has(seq))
    .flatMap((record) => record.objects).filter(({ key }) => key.startsWith(`${FOLDER}/`));
  const { paths, sizes } = await readTable(destination);
  assert.deepEqual(
    [...paths].sort(),
    objects.map(({ key }) => [key.slice(FOLDER.length + 1), 1]).sort(),
  );
  for (const [path, bytes] of sizes) {
    assert.equal((await destination.head(`${FOLDER}/${path}`))?.bytes, bytes, path);
  }
}

Deno.test("two hundred collections are as many commits once, and then one for each that has news", async () => {
  const world = new LakeWorld();
  const stream = { level: "database", database: "shop" } as const;
  for (let i = 0; i < 200; i++) world.insert(1, `c${i}`);
  await write(world, 0, { stream });
  const tables = follower(world);
  const { signal } = new AbortController();
  assert.equal((await tables.turn(signal)).commits, 200);
  assert.equal((await tables.turn(signal)).commits, 0);
  world.insert(3, "c7");
  await write(world, 0, { stream });
  assert.equal((await tables.turn(signal)).commits, 1);
  const again = follower(world);
  assert.equal((await again.turn(signal)).commits, 0);
  assert.equal(again.tables.length, 200);
});

Deno.test("a table of four thousand commits is opened by as few requests as a small one", async () => {
  const store = deltaStore();
  const world = new LakeWorld();
  const open = (counted: DeltaStore) =>
    new DeltaLog({
      ...{ store: counted, folder: FOLDER, name: NAME },
      ...{ writers: "ours", clock: world.clock, random: world.random },
      recordId: () => Promise.resolve(undefined),
      compactions: nothingJoined(),
      failedBeside: (_, error) => assert.fail(String(error)),
    });
  const log = open(store);
  for (let seq = 1; seq <= 4000; seq++) await log.commit(oneObject(seq));
  let requests = 0;
  const counted = {
    ...store,
    get: (key: string) => (requests++, store.get(key)),
    list: (...args: Parameters<DeltaStore["list"]>) => (requests++, store.list(...args)),
  };
  assert.deepEqual((await open(counted).look())?.version, 3999);
  assert(requests < 110, `${requests} requests`);
});

Deno.test("a table of Iceberg takes its four thousandth commit as its two thousandth, and stays as small", async () => {
  const destination = new MemoryDestination();
  const { clock, random } = new LakeWorld();
  const used = { requests: 0, bytes: 0 };
  const open = () => {
    const store = counting(icebergStore(destination), used);
    const failedBeside = (error: unknown) => assert.fail(String(error));
    const parts = { store, folder: FOLDER, clock, random, failedBeside };
    return new IcebergLog({
      ...{ ...parts, store: withLastList(store), name: NAME },
      catalog: new FileCatalog(parts),
      recordId: () => Promise.resolve(undefined),
      compactions: nothingJoined(),
    });
  };
  const spent = async (work: () => Promise<unknown>) => {
    Object.assign(used, { requests: 0, bytes: 0 });
    await work();
    return { ...used };
  };
  const log = open();
  const commitAll = async (first: number, last: number) => {
    for (let seq = first; seq <= last; seq++) {
      await log.commit(oneObject(seq));
      clock.stepWall(MS_A_COMMIT);
    }
  };
  /** What the hundred commits up to one cost, and what is met behind them. */
  const hundredTo = async (last: number) => {
    const committed = await spent(() => commitAll(last - 99, last));
    const opened = await spent(() => open().look());
    const { snapshots, manifests, paths } = await readIceberg(destination);
    const keys = await destination.list(`${FOLDER}/metadata/`, { limit: 100_000 });
    assert.equal(paths.size, last);
    return { committed, opened, snapshots, manifests, files: keys.length };
  };
  await commitAll(1, 1900);
  const middle = await hundredTo(2000);
  await commitAll(2001, 3900);
  const late = await hundredTo(4000);
  const text = JSON.stringify({ middle, late });
  assert.equal(late.opened.requests, middle.opened.requests, text);

  assert(late.snapshots <= 20 + 8 && late.manifests < 100, text);
  for (const what of ["committed", "opened"] as const) {
    assert(late[what].requests <= middle[what].requests * 1.05, text);
    // Each hundred commits the small manifests are joined, and by then these name as many objects again.
    assert(late[what].bytes <= middle[what].bytes * 1.25, text);
  }
  assert(late.files <= middle.files * 1.05, text);
});

/** A week of these is a quarter of the commits. */
const MS_A_COMMIT = 10 * 60_000;

const NAME = { database: "shop", collection: "orders" };

/** A record of a stream with one object. */
function oneObject(seq: number): StreamSteps[] {
  return [{
    streamKey: "s",
    lake: "l",
    steps: [{
      ...{ seq, recordId: crypto.randomUUID(), files: [fileNumber(seq)], gone: [] },
      holes: { gaps: 0, voidedObjects: 0, deadLetters: 0, objectsElsewhere: 0 },
    }],
  }];
}

/** The same store, which counts what is asked of it and what goes to and fro. */
function counting(store: IcebergStore, used: { requests: number; bytes: number }): IcebergStore {
  const count = (bytes: number) => {
    used.requests++;
    used.bytes += bytes;
  };
  return {
    ...store,
    async get(key) {
      const bytes = await store.get(key);
      count(bytes?.length ?? 0);
      return bytes;
    },
    async list(prefix, options) {
      const keys = await store.list(prefix, options);
      count(keys.join("").length);
      return keys;
    },
    putIfAbsent: (
      key,
      bytes,
      options,
    ) => (count(bytes.length), store.putIfAbsent(key, bytes, options)),
    replace: (key, bytes) => (count(bytes.length), store.replace(key, bytes)),
    remove: (key) => (count(0), store.remove(key)),
  };
}
