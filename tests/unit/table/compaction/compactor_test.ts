import assert from "node:assert/strict";
import { compactorOf } from "../../../../src/app/tables/compact_tables.ts";
import { PermanentError } from "../../../../src/model/errors.ts";
import type {
  CompactableLog,
  Replacement,
} from "../../../../src/table/compaction/compactable_log.ts";
import { Compactor, type CompactorParts } from "../../../../src/table/compaction/compactor.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import {
  deltaLogOf,
  FOLDER,
  follower,
  readTable,
  TABLE_SETTINGS,
  turnToEnd,
  write,
} from "../../../support/table_world.ts";
import { readParquet } from "../../encode/parquet_read.ts";

const always = () => true;

/** By which nothing new is joined. */
const NOTHING_SETTLED = { last: () => Promise.resolve(undefined) };

/** A lake with a table of four small objects, three hours later. */
async function tableOf(count = 14): Promise<LakeWorld> {
  const world = new LakeWorld();
  await writeAnHour(world, count);
  return world;
}

async function writeAnHour(world: LakeWorld, count: number): Promise<void> {
  const encoding = { ...TABLE_SETTINGS.encoding, compression: "none" } as const;
  await write(world, count, { settings: { ...TABLE_SETTINGS, encoding } });
  await turnToEnd(follower(world));
  await world.clock.advance(3 * 3_600_000);
  world.pass(3 * 3_600);
}

function compactor(world: LakeWorld, parts: Partial<CompactorParts> = {}, log?: CompactableLog) {
  const { destination, clock, random } = world;
  const tools = { clock, random, log: silentLog, hostName: "test" };
  const places = { lake: destination, destination };
  if (Object.keys(parts).length === 0 && log === undefined) {
    return compactorOf(tools, places, FOLDER, deltaLogOf(world));
  }
  const join = async (folder: string, _: unknown, output: string) => {
    await destination.putIfAbsent(`${folder}/${output}`, new Uint8Array(7));
  };
  const own = { records: destination, objects: destination, journal: world.journal, clock, join };
  return new Compactor({ ...own, ...parts }, FOLDER, log ?? deltaLogOf(world));
}

/** A log whose replacements come by here. */
function withReplace(
  log: CompactableLog,
  by: (replace: () => Promise<Replacement>) => Promise<Replacement>,
): CompactableLog {
  return {
    async contents() {
      const contents = await log.contents();
      return contents && { ...contents, replace: (...args) => by(() => contents.replace(...args)) };
    },
  };
}

async function pathsOf(world: LakeWorld): Promise<string[]> {
  const { paths } = await readTable(world.destination);
  for (const [path, count] of paths) assert.equal(count, 1, path);
  return [...paths.keys()].sort();
}

Deno.test("a table names one object in the place of small ones, with the same rows in their order", async () => {
  const world = await tableOf();
  const before = await pathsOf(world);
  const rowsOf = async (paths: readonly string[]) =>
    (await Promise.all(
      paths.map(async (path) =>
        await readParquet((await world.destination.get(`${FOLDER}/${path}`))!)
      ),
    )).flat().map(({ resume_token }) => resume_token);
  const done = await compactor(world).compact(always);
  assert.deepEqual([done.inputs, done.outputs, done.isAll, done.faults], [4, 1, true, []]);
  const after = await pathsOf(world);
  assert.equal(after.length, 1);
  assert.match(after[0]!, /^_compact\/[0-9a-f]{32}\.pq$/);
  assert.deepEqual(await rowsOf(after), (await rowsOf(before)).sort());
  assert.deepEqual((await compactor(world).compact(always)).outputs, 0);
});

Deno.test("who has no time left makes one object at a time, and is not held up by one that cannot be made", async () => {
  const world = await tableOf();
  await writeAnHour(world, 14);
  await writeAnHour(world, 14);
  let joins = 0;
  const hurried = compactor(world, {
    async join(folder, _, output) {
      if (joins++ === 1) throw new PermanentError("no Parquet");
      await world.destination.putIfAbsent(`${folder}/${output}`, new Uint8Array(7));
    },
  });
  const done: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    const { outputs, isAll } = await hurried.compact(() => false);
    done.push([outputs, isAll]);
  }
  assert.deepEqual(done, [[1, false], [0, false], [1, true]]);
});

Deno.test("of a table that has more files than are held all are joined, hour by hour, past what cannot be", async () => {
  const world = await tableOf();
  for (let hour = 0; hour < 3; hour++) await writeAnHour(world, 14);
  const held: number[] = [];
  const log = deltaLogOf(world);
  const counted: CompactableLog = {
    async contents(choose) {
      const contents = await log.contents(choose);
      held.push(contents!.files.filter(({ path }) => !path.startsWith("_compact/")).length);
      return contents;
    },
  };
  const hours = new Set<string>();
  const own = compactor(world, {
    filesHeldMax: 4,
    async join(folder, inputs, output) {
      hours.add(inputs[0]!.path.slice(0, -40));
      if (hours.size === 2) throw new PermanentError("no Parquet");
      await world.destination.putIfAbsent(`${folder}/${output}`, new Uint8Array(7));
    },
  }, counted);
  const { outputs, faults, isAll } = await own.compact(always);
  assert.deepEqual([outputs, faults.length, isAll], [3, 1, true]);
  assert.equal(Math.max(...held), 4);
});

Deno.test("two compactors at once make one object, and so does one that is stopped for long", async () => {
  const world = await tableOf();
  const outcomes = await Promise.all([1, 2].map(() => compactor(world).compact(always)));
  assert.equal((await pathsOf(world)).length, 1);
  assert.deepEqual(outcomes.map(({ faults }) => faults), [[], []]);
  // A table of before, as one sees it that is stopped behind its plan.
  const late = await tableOf();
  const log = deltaLogOf(late);
  const contents = await log.contents();
  await compactor(late).compact(always);
  const [only] = await pathsOf(late);
  const part = contents!.files.slice(1).map(({ path }) => path);
  const output = { path: "_compact/00.pq", bytes: 7, rows: 10, writtenAtMs: 1 };
  assert.equal(await contents!.replace(part, output), "changed");
  assert.deepEqual(await pathsOf(late), [only]);
  for (const key of await late.destination.list(`${FOLDER}/_delta_log/`, { limit: 99 })) {
    await late.destination.remove(key);
  }
  await turnToEnd(follower(late, { hint: undefined as never }));
  assert.equal(await contents!.replace(part, output), "changed");
  assert.deepEqual(await pathsOf(late), [only]);
});

Deno.test("a commit whose answer was lost, or that was never made, is found by whoever comes next", async () => {
  for (const when of ["before", "after"] as const) {
    const world = await tableOf();
    const log = deltaLogOf(world);
    const broken = withReplace(log, async (replace) => {
      if (when === "after") await replace();
      throw new Error("The answer is lost");
    });
    await assert.rejects(compactor(world, {}, broken).compact(always), /The answer is lost/);
    let joins = 0;
    const join = () => Promise.resolve(void joins++);
    const next = await compactor(world, { join }).compact(always);
    assert.deepEqual([next.outputs, joins], [when === "after" ? 0 : 1, 0]);
    assert.equal((await pathsOf(world)).length, 1);
  }
});

Deno.test("an object is recorded before a table names it, and stored before it is recorded", async () => {
  const world = await tableOf();
  const steps: string[] = [];
  const log = deltaLogOf(world);
  await compactor(world, {
    join: async (folder, _, output) => {
      steps.push("join");
      await world.destination.putIfAbsent(`${folder}/${output}`, new Uint8Array(7));
    },
    records: {
      get: (key) => world.destination.get(key),
      list: (...args) => world.destination.list(...args),
      putIfAbsent(key, bytes) {
        steps.push(key.replace(/[0-9a-f]{32}/, "ID"));
        return world.destination.putIfAbsent(key, bytes);
      },
    },
  }, withReplace(log, (replace) => (steps.push("replace"), replace()))).compact(always);
  assert.deepEqual(steps, ["join", `_tributary/compactions/${FOLDER}/ID.json`, "replace"]);
});

Deno.test("what was joined before counts only while it is stored as its record says", async () => {
  const world = await tableOf();
  await compactor(world).compact(always);
  const [output] = await pathsOf(world);
  const rebuild = async () => {
    for (const key of await world.destination.list(`${FOLDER}/_delta_log/`, { limit: 99 })) {
      await world.destination.remove(key);
    }
    await world.destination.remove("_tributary/tables/delta.json");
    await turnToEnd(follower(world));
  };
  await rebuild();
  assert.deepEqual(await pathsOf(world), [output]);
  await world.destination.replace(`${FOLDER}/${output}`, new Uint8Array(5));
  await rebuild();
  assert.equal((await compactor(world, { journal: NOTHING_SETTLED }).compact(always)).outputs, 0);
  assert.equal((await pathsOf(world)).length, 4);
});

Deno.test("what cannot be joined stays in the table, is said, and is tried again a day later", async () => {
  const world = await tableOf();
  let tries = 0;
  const join = () => {
    tries++;
    return Promise.reject(new PermanentError("It has other columns"));
  };
  const own = compactor(world, { join });
  for (let i = 0; i < 2; i++) {
    assert.deepEqual((await own.compact(always)).faults, ["It has other columns"]);
  }
  assert.deepEqual([tries, (await pathsOf(world)).length], [1, 4]);
  await world.clock.advance(24 * 3_600_000);
  await own.compact(always);
  assert.equal(tries, 2);
});

Deno.test("where there is no table nothing is done", async () => {
  assert.deepEqual((await compactor(new LakeWorld()).compact(always)).isAll, true);
});

Deno.test("objects stay that the journal does not call settled", async () => {
  const world = await tableOf();
  const journal = {
    last: async (key: string) => ({ ...(await world.journal.last(key))!, durableThrough: 1 }),
  };
  const { inputs } = await compactor(world, { journal }).compact(always);
  assert.equal(inputs, 0);
  const redone = {
    last: async (key: string) => ({
      ...(await world.journal.last(key))!,
      ...{ kind: "void", objects: [], reason: "", durableThrough: 99 } as const,
    }),
  };
  assert.equal((await compactor(world, { journal: redone as never }).compact(always)).inputs, 0);
});

Deno.test("a joined object that was damaged, and a record of one, leave the small ones in a table made anew", async () => {
  for (const kind of ["object", "record"] as const) {
    const world = await tableOf();
    const { destination } = world;
    const before = await pathsOf(world);
    await compactor(world).compact(always);
    const folder = kind === "object" ? `${FOLDER}/_compact/` : "_tributary/compactions/";
    const [key] = await destination.list(folder, { limit: 1 });
    await destination.replace(key!, new Uint8Array(7));
    for (const each of await destination.list(`${FOLDER}/_delta_log/`, { limit: 100 })) {
      await destination.remove(each);
    }
    await destination.remove("_tributary/tables/delta.json");
    await turnToEnd(follower(world));
    const done = await compactor(world).compact(always);
    assert.deepEqual([done.inputs, done.outputs, done.isAll], [0, 0, true]);
    assert.match(
      done.faults.join(),
      kind === "object" ? /has 7 bytes, .*; delete it, and it is made again$/ : /cannot be read/,
    );
    assert.deepEqual(await pathsOf(world), before);
    if (kind === "record") continue;
    await destination.remove(key!);
    assert.equal((await compactor(world).compact(always)).outputs, 1);
  }
});

Deno.test("one that cannot be joined is said and left out, and the others of its plan are joined", async () => {
  const world = await tableOf();
  const before = await pathsOf(world);
  const bad = `${FOLDER}/${before[1]}`;
  const stored = (await world.destination.get(bad))!;
  await world.destination.replace(bad, new Uint8Array(stored.length));
  const done = await compactor(world).compact(always);
  assert.deepEqual([done.inputs, done.outputs, done.isAll, done.faults.length], [3, 1, true, 1]);
  assert.match(done.faults[0]!, new RegExp(`Cannot join the object "${bad}" with others: `));
  const after = await pathsOf(world);
  assert.deepEqual([after.length, after.includes(before[1]!)], [2, true]);
});

Deno.test("where none can be joined, or all but one, nothing is, and each is tried once a day", async () => {
  const world = await tableOf();
  let tries = 0;
  const join = (_: string, inputs: readonly { readonly path: string }[]) => {
    tries++;
    return Promise.resolve({ path: inputs[0]!.path, why: `${inputs[0]!.path} is bad` });
  };
  const own = compactor(world, { join });
  for (let i = 0; i < 2; i++) {
    const { outputs, isAll, faults } = await own.compact(always);
    assert.deepEqual([outputs, isAll, faults.length], [0, true, 3]);
  }
  assert.deepEqual([tries, (await pathsOf(world)).length], [3, 4]);
});
