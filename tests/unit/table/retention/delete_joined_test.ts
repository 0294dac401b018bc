import assert from "node:assert/strict";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";
import {
  listCompactions,
  outputPath,
  putCompaction,
  readCompaction,
} from "../../../../src/table/compaction/compaction_record.ts";
import { deleteJoined } from "../../../../src/table/retention/delete_joined.ts";
import { readDeletionMark } from "../../../../src/table/retention/deletion_mark.ts";
import type { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER, follower, readTable, turnToEnd } from "../../../support/table_world.ts";
import { DAY_MS, joinedWorld, partsOf, pass, RETENTION_MS, smallOf } from "./joined_world.ts";

const always = () => true;

/** A world in which what was joined is due. */
async function dueWorld(): Promise<LakeWorld> {
  const world = await joinedWorld();
  await deleteJoined(partsOf(world), FOLDER, always);
  await pass(world, RETENTION_MS);
  return world;
}

async function idOf({ destination }: LakeWorld): Promise<string> {
  const [id] = await listCompactions(destination, FOLDER);
  return id!;
}

/** Nothing goes, for this reason. */
async function assertStays(
  world: LakeWorld,
  why: RegExp,
  choice: Parameters<typeof partsOf>[1] = {},
): Promise<void> {
  const before = await smallOf(world);
  const done = await deleteJoined(partsOf(world, choice), FOLDER, always);
  assert.deepEqual([done.objects, done.faults.length], [0, 1]);
  assert.match(done.faults[0]!, why);
  assert.deepEqual(await smallOf(world), before);
}

Deno.test("what was joined goes when all tables have named the whole for long enough, and nothing else", async () => {
  const world = await joinedWorld();
  const small = await smallOf(world);
  assert.equal(small.length, 4);
  const all = await world.destination.list("", { limit: 1000 });
  const seen: [number, number][] = [];
  for (const ms of [0, RETENTION_MS - DAY_MS, DAY_MS, DAY_MS]) {
    await pass(world, ms);
    const { objects, faults } = await deleteJoined(partsOf(world), FOLDER, always);
    assert.deepEqual(faults, []);
    seen.push([objects, (await smallOf(world)).length]);
  }
  assert.deepEqual(seen, [[0, 4], [0, 4], [4, 0], [0, 0]]);
  const left = new Set(await world.destination.list("", { limit: 1000 }));
  assert.deepEqual(all.filter((key) => !left.has(key)), small);
  const { paths } = await readTable(world.destination);
  assert.deepEqual([...paths.keys()], [outputPath(await idOf(world))]);
});

Deno.test("in a folder of which nothing was joined nothing is looked for", async () => {
  const world = await joinedWorld();
  const tablesIn = () => Promise.reject(new Error("nobody asks"));
  const done = await deleteJoined(partsOf(world, { tablesIn }), "db=shop/coll=other", always);
  assert.deepEqual(done, { objects: 0, bytes: 0, isAll: true, faults: [] });
});

Deno.test("the time begins anew with another table, and without the note", async () => {
  const world = await dueWorld();
  const real = partsOf(world);
  const anew = async (folder: string) =>
    (await real.tablesIn(folder)).map((table) => ({ ...table, id: `${table.id} anew` }));
  const other = await deleteJoined(partsOf(world, { tablesIn: anew }), FOLDER, always);
  assert.deepEqual([other.objects, other.faults], [0, []]);
  await pass(world, RETENTION_MS);
  await world.destination.remove(`_tributary/tables/retention/${FOLDER}.json`);
  assert.equal((await deleteJoined(partsOf(world), FOLDER, always)).objects, 0);
  await pass(world, RETENTION_MS);
  assert.equal((await deleteJoined(partsOf(world), FOLDER, always)).objects, 4);
});

Deno.test("nothing goes that a table names, that a state of before names, or where there is no table", async () => {
  const world = await dueWorld();
  const real = partsOf(world);
  const [first] = (await smallOf(world)).map((key) => key.slice(FOLDER.length + 1));
  const file = { path: first!, bytes: 1, rows: 1 };
  const besides = (more: { files?: boolean; earlier?: boolean }) => async (folder: string) =>
    (await real.tablesIn(folder)).map((table) => ({
      ...table,
      files: more.files ? new Map([...table.files, [first!, file]]) : table.files,
      earlier: new Set(more.earlier ? [first!] : []),
    }));
  await assertStays(world, /names ".*" as well/, { tablesIn: besides({ files: true }) });
  await assertStays(world, /a state of before/, { tablesIn: besides({ earlier: true }) });
  const none = await deleteJoined(
    partsOf(world, { tablesIn: () => Promise.resolve([]) }),
    FOLDER,
    always,
  );
  assert.equal(none.objects, 0);
  assert.equal((await smallOf(world)).length, 4);
});

Deno.test("a table that names an object only behind the mark keeps it", async () => {
  const world = await dueWorld();
  const real = partsOf(world);
  let looks = 0;
  const tablesIn = async (folder: string) => {
    const tables = await real.tablesIn(folder);
    return ++looks === 1 ? tables : tables.map((table) => ({ ...table, files: new Map() }));
  };
  await assertStays(world, /does not name/, { tablesIn });
  assert.notEqual(
    await readDeletionMark(world.destination, FOLDER, await idOf(world)),
    undefined,
  );
  looks = 0;
  const other = async (folder: string) => {
    const tables = await real.tablesIn(folder);
    return ++looks === 1 ? tables : tables.map((table) => ({ ...table, id: "another" }));
  };
  await pass(world, RETENTION_MS);
  await assertStays(world, /just become others/, { tablesIn: other });
});

Deno.test("an output that is not what was joined to it keeps all that was joined", async () => {
  for (
    const [why, change] of [
      [/is not what was joined/, (bytes: Uint8Array) => bytes.map((b, i) => i === 99 ? b ^ 1 : b)],
      [/is not what was joined/, (bytes: Uint8Array) => bytes.subarray(0, 99)],
    ] as const
  ) {
    const world = await dueWorld();
    const key = `${FOLDER}/${outputPath(await idOf(world))}`;
    const bytes = change((await world.destination.get(key))!);
    await world.destination.replace(key, bytes);
    await assertStays(world, why);
  }
  const world = await dueWorld();
  await world.destination.remove(`${FOLDER}/${outputPath(await idOf(world))}`);
  await assertStays(world, /is not what was joined/);
});

Deno.test("behind the mark an output that is gone or another one keeps what is left", async () => {
  const world = await dueWorld();
  const key = `${FOLDER}/${outputPath(await idOf(world))}`;
  const { objects } = partsOf(world);
  const head = (key: string) => objects.head(key);
  const denied = { head, remove: () => Promise.reject(new PermanentError("denied")) };
  await assertStays(world, /denied/, { objects: denied });
  const bytes = (await world.destination.get(key))!;
  await world.destination.replace(key, bytes.map((b) => b ^ 1));
  await assertStays(world, /has the checksum/);
  await world.destination.replace(key, bytes.subarray(1));
  await assertStays(world, /bytes, and had/);
  await world.destination.remove(key);
  await assertStays(world, /is gone/);
});

Deno.test("what another compaction has joined as well stays, for a table that begins may choose that", async () => {
  const world = await dueWorld();
  const { inputs, output } = (await readCompaction(world.destination, FOLDER, await idOf(world)))!;
  const rival = { v: 1 as const, inputs: inputs.slice(2), output };
  const real = partsOf(world);
  let looks = 0;
  const tablesIn = async (folder: string) => {
    // Somebody puts it behind the mark.
    if (++looks === 2) await putCompaction(world.destination, FOLDER, rival);
    return await real.tablesIn(folder);
  };
  await assertStays(world, /was joined by another compaction as well/, { tablesIn });
  await assertStays(world, /was joined by another compaction as well/);
});

Deno.test("nothing goes that a journal does not name as settled", async () => {
  const world = await dueWorld();
  const { journal } = partsOf(world);
  const unsettled = {
    ...journal,
    last: async (...args: Parameters<typeof journal.last>) => {
      const record = await journal.last(...args);
      return record && { ...record, durableThrough: 0 };
    },
  };
  await assertStays(world, /is not settled/, { journal: unsettled });
  const strange = { ...journal, read: () => Promise.resolve(undefined) };
  await assertStays(world, /does not name/, { journal: strange });
});

Deno.test("who is stopped anywhere is followed by somebody who deletes the rest", async () => {
  const calls = (await callsOfAll()).length;
  assert.ok(calls > 8, `${calls}`);
  for (let stopped = 0; stopped < calls; stopped++) {
    const world = await dueWorld();
    const parts = countingParts(world, (call) => {
      if (call === stopped) throw new TransientError("stopped");
    });
    await assert.rejects(deleteJoined(parts, FOLDER, always), /stopped/, `${stopped}`);
    const { faults } = await deleteJoined(partsOf(world), FOLDER, always);
    assert.deepEqual(faults, [], `${stopped}`);
    assert.deepEqual(await smallOf(world), [], `${stopped}`);
    await turnToEnd(follower(world));
  }
});

async function callsOfAll(): Promise<number[]> {
  const calls: number[] = [];
  const world = await dueWorld();
  await deleteJoined(countingParts(world, (call) => calls.push(call)), FOLDER, always);
  return calls;
}

/** Parts of which each change is counted, and may fail. */
function countingParts(world: LakeWorld, before: (call: number) => void) {
  const real = partsOf(world);
  let calls = 0;
  return {
    ...real,
    records: {
      list: real.records.list.bind(real.records),
      get: real.records.get.bind(real.records),
      putIfAbsent: (...args: Parameters<typeof real.records.putIfAbsent>) => {
        before(calls++);
        return real.records.putIfAbsent(...args);
      },
      replace: (...args: Parameters<typeof real.records.replace>) => {
        before(calls++);
        return real.records.replace(...args);
      },
    },
    objects: {
      head: (key: string) => {
        before(calls++);
        return real.objects.head(key);
      },
      remove: (key: string) => {
        before(calls++);
        return real.objects.remove(key);
      },
    },
    tablesIn: (folder: string) => {
      before(calls++);
      return real.tablesIn(folder);
    },
  };
}
