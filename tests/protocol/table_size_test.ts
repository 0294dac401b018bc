/** Tables of snapshots, of many collections, and of many commits. */
import assert from "node:assert/strict";
import { namesObjects } from "../../src/model/record.ts";
import type { DeltaStore } from "../../src/table/delta/files.ts";
import { DeltaLog } from "../../src/table/delta/log.ts";
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
  const steps = (seq: number) => [{
    streamKey: "s",
    lake: "l",
    steps: [{
      ...{ seq, recordId: crypto.randomUUID(), files: [fileNumber(seq)], gone: [] },
      holes: { gaps: 0, voidedObjects: 0, deadLetters: 0, objectsElsewhere: 0 },
    }],
  }];
  const world = new LakeWorld();
  const open = (counted: DeltaStore) =>
    new DeltaLog({
      ...{ store: counted, folder: FOLDER, name: { database: "shop", collection: "orders" } },
      ...{ writers: "ours", clock: world.clock, random: world.random },
      recordId: () => Promise.resolve(undefined),
      compactions: nothingJoined(),
      failedBeside: (_, error) => assert.fail(String(error)),
    });
  const log = open(store);
  for (let seq = 1; seq <= 4000; seq++) await log.commit(steps(seq));
  let requests = 0;
  const counted = {
    ...store,
    get: (key: string) => (requests++, store.get(key)),
    list: (...args: Parameters<DeltaStore["list"]>) => (requests++, store.list(...args)),
  };
  assert.deepEqual((await open(counted).look())?.version, 3999);
  assert(requests < 110, `${requests} requests`);
});
