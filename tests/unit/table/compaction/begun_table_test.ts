import assert from "node:assert/strict";
import type { TableFormat } from "../../../../src/model/table_format.ts";
import { BegunTable } from "../../../../src/table/compaction/begun_table.ts";
import {
  listCompactions,
  putCompaction,
} from "../../../../src/table/compaction/compaction_record.ts";
import { Compactor } from "../../../../src/table/compaction/compactor.ts";
import type { HeldFile, StreamSteps } from "../../../../src/table/table_log.ts";
import { readIceberg } from "../../../support/iceberg_world.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import {
  deltaLogOf,
  FOLDER,
  follower,
  pathsInJournal,
  readTable,
  turnToEnd,
  write,
} from "../../../support/table_world.ts";

const HOUR_MS = 3_600_000;

/** A lake with small objects of some hours that were joined, and as many that were not. */
async function joinedLake(hours = 1): Promise<LakeWorld> {
  const world = new LakeWorld();
  for (let i = 0; i <= hours; i++) {
    if (i > 0) {
      await world.clock.advance(3 * HOUR_MS);
      world.pass(3 * 3_600);
      await compact(world);
    }
    await write(world, 14);
    await turnToEnd(follower(world));
  }
  return world;
}

async function compact(world: LakeWorld): Promise<void> {
  const { destination, clock, journal } = world;
  const join = async (folder: string, inputs: readonly HeldFile[], output: string) => {
    await destination.putIfAbsent(`${folder}/${output}`, new Uint8Array(inputs.length));
  };
  const parts = { records: destination, objects: destination, journal, clock, join };
  await new Compactor(parts, FOLDER, deltaLogOf(world)).compact(() => true);
}

/** Nothing is left of a table, nor of what is known of it. */
async function forgetTable(world: LakeWorld): Promise<void> {
  await world.lose((key) => /\/_delta_log\/|_tributary\/tables\//.test(key));
}

async function pathsOf(world: LakeWorld, format: TableFormat): Promise<string[]> {
  const read = format === "delta" ? readTable : readIceberg;
  const { paths } = await read(world.destination);
  for (const [path, count] of paths) assert.equal(count, 1, path);
  return [...paths.keys()].sort();
}

/** What a table has, with what was joined taken apart. */
async function expanded(world: LakeWorld, format: TableFormat): Promise<string[]> {
  const all: string[] = [];
  for (const path of await pathsOf(world, format)) {
    const id = /^_compact\/([0-9a-f]+)\.pq$/.exec(path)?.[1];
    if (id === undefined) all.push(path);
    else {
      const key = `_tributary/compactions/${FOLDER}/${id}.json`;
      const { inputs } = JSON.parse(new TextDecoder().decode(await world.destination.get(key)));
      all.push(...inputs.map((input: HeldFile) => input.path));
    }
  }
  return all.sort();
}

for (const format of ["delta", "iceberg"] as const) {
  Deno.test(`a table of ${format} that begins has what was joined, and none of the small objects that it stands for`, async () => {
    const world = await joinedLake();
    const before = await pathsOf(world, "delta");
    await forgetTable(world);
    const inputs = (await pathsInJournal(world)).slice(0, 4);
    await world.lose((key) => inputs.some((path) => key.endsWith(path)));
    await turnToEnd(follower(world, { format }));
    assert.deepEqual(await pathsOf(world, format), before);
    assert.deepEqual(await expanded(world, format), await pathsInJournal(world));
    // And goes on as any other.
    await write(world, 5);
    await turnToEnd(follower(world, { format }));
    assert.deepEqual(await expanded(world, format), await pathsInJournal(world));
  });

  Deno.test(`a table of ${format} that somebody else has begun is brought further by what it says of itself`, async () => {
    const world = await joinedLake(2);
    await forgetTable(world);
    const own = { format, hint: undefined as never };
    const log = () => follower(world, own);
    // The first commit alone: its writer ends behind it.
    const { destination } = world;
    let puts = 0;
    const putIfAbsent = destination.putIfAbsent.bind(destination);
    destination.putIfAbsent = async (key, ...rest) => {
      const isCommit = /_delta_log\/\d+\.json$|metadata\/v\d+\./.test(key);
      if (isCommit && ++puts > (format === "delta" ? 1 : 2)) throw new Error("killed");
      return await putIfAbsent(key, ...rest);
    };
    await turnToEnd(log()).catch((error) => assert.match(String(error), /killed/));
    destination.putIfAbsent = putIfAbsent;
    // What was joined behind the beginning is no part of it.
    const ids = await listCompactions(destination, FOLDER);
    assert.equal(ids.length, 2);
    await turnToEnd(log());
    assert.deepEqual(await expanded(world, format), await pathsInJournal(world));
  });
}

Deno.test("what was joined counts not where its output is damaged, its record unreadable, or the journal has lost its end", async () => {
  for (const damage of ["output", "record", "journal"] as const) {
    const world = await joinedLake();
    const { destination } = world;
    const begun = () => {
      const { journal, random } = world;
      const parts = { records: destination, objects: destination, random };
      const other = { read: (key: string) => journal.read(key, 0) };
      const read = damage === "journal" ? other : journal;
      return new BegunTable({ ...parts, journal: read }, FOLDER);
    };
    const [id] = await listCompactions(destination, FOLDER);
    if (damage === "output") {
      await destination.replace(`${FOLDER}/_compact/${id}.pq`, new Uint8Array(3));
    } else if (damage === "record") {
      await destination.replace(
        `_tributary/compactions/${FOLDER}/${id}.json`,
        new Uint8Array(3),
      );
    }
    assert.deepEqual(await begun().stepsFor(undefined, []), { streams: [], joined: [] }, damage);
  }
});

Deno.test("of compactions that share an object those are taken that have all that is gone", async () => {
  const world = await joinedLake();
  const { destination, journal, random } = world;
  const files = (await pathsInJournal(world)).map((path) => ({ path, bytes: 1, rows: 1 }));
  const put = async (own: readonly HeldFile[], name: string) => {
    const output = { path: `_compact/${name}.pq`, bytes: 1, rows: own.length, writtenAtMs: 1 };
    await destination.putIfAbsent(`${FOLDER}/${output.path}`, new Uint8Array(1));
    await putCompaction(destination, FOLDER, { v: 1, inputs: own, output });
  };
  await put(files.slice(4, 6), "small");
  await put(files.slice(5, 8), "large");
  const gone = new Set<string>();
  const begin = async () => {
    const head = (key: string) =>
      gone.has(key) ? Promise.resolve(undefined) : destination.head(key);
    const parts = { records: destination, objects: { head }, journal, random };
    const { joined } = await new BegunTable(parts, FOLDER).stepsFor(undefined, []);
    return joined.map(({ path }) => path).filter((path) => /small|large/.test(path));
  };
  assert.deepEqual(await begin(), ["_compact/large.pq"]);
  for (const { path } of files.slice(4, 6)) gone.add(`${FOLDER}/${path}`);
  assert.deepEqual(await begin(), ["_compact/small.pq"]);
});

Deno.test("steps before and behind what a table has begun with are left as they are, without a look", async () => {
  const world = await joinedLake();
  const { destination, journal, random } = world;
  const parts = { records: destination, objects: destination, journal, random };
  const { begunWith } = await new BegunTable(parts, FOLDER).stepsFor(undefined, []);
  const keys: string[] = [];
  const get = (key: string) => (keys.push(key), destination.get(key));
  const records = {
    get,
    list: destination.list.bind(destination),
    putIfAbsent: destination.putIfAbsent.bind(destination),
  };
  const later = new BegunTable({ ...parts, records }, FOLDER);
  const steps: StreamSteps[] = [{
    ...{ streamKey: "collection.shop.orders", lake: "l" },
    steps: [{
      ...{ seq: 900, recordId: "1", files: [], gone: [] },
      holes: { gaps: 0, voidedObjects: 0, deadLetters: 0, objectsElsewhere: 0 },
    }],
  }];
  assert.equal((await later.stepsFor({ begunWith }, steps)).streams[0], steps[0]);
  assert.deepEqual(keys.length, 1);
  await later.stepsFor({ begunWith: undefined }, steps);
  assert.deepEqual(keys.length, 1);
});
