/** Tables over the journals of a lake, whoever writes them and whatever goes wrong. */
import assert from "node:assert/strict";
import { LakeFollower } from "../../src/table/follow/lake_follower.ts";
import { namesObjects } from "../../src/model/record.ts";
import { PermanentError, TransientError } from "../../src/model/errors.ts";
import { crashAfterRecord } from "../support/crash_between.ts";
import { LakeWorld } from "../support/lake_world.ts";
import { Outside } from "../support/outside.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import {
  FOLDER,
  follower,
  pathsInJournal,
  readTable,
  TABLE_SETTINGS,
  tableParts,
  turnToEnd,
  write,
} from "../support/table_world.ts";

/** The table has what the journal names, each once. */
async function assertTable(world: LakeWorld): Promise<void> {
  const { paths } = await readTable(world.destination);
  assert.deepEqual([...paths.keys()].sort(), await pathsInJournal(world));
  assert.deepEqual([...paths].filter(([, times]) => times !== 1), []);
}

Deno.test("a table has each object of the journal once, and a turn without news makes no commit", async () => {
  const world = new LakeWorld();
  const tables = follower(world);
  for (let round = 0; round < 5; round++) {
    await write(world, 6);
    await turnToEnd(tables);
    await assertTable(world);
  }
  const { version, txns } = await readTable(world.destination);
  const batches = (await world.records()).filter(namesObjects);
  const [appId] = [...txns.keys()].filter((key) => !key.endsWith("#record"));
  assert.match(appId!, /^collection\.shop\.orders@[0-9a-f]{8}$/);
  assert.equal(txns.get(appId!), batches.at(-1)!.seq);
  assert.deepEqual(await tables.turn(new AbortController().signal), {
    ...{ commits: 0, conflicts: 0, isComplete: true },
  });
  assert.equal((await readTable(world.destination)).version, version);
});

Deno.test("a follower that knows nothing, and one that starts from the hint, add nothing twice", async () => {
  const world = new LakeWorld();
  await write(world, 10);
  await turnToEnd(follower(world));
  await write(world, 10);
  await turnToEnd(follower(world));
  await turnToEnd(follower(world));
  await world.destination.remove("_tributary/tables/delta.json");
  await turnToEnd(follower(world));
  await assertTable(world);
});

Deno.test("an idle table costs one read of its journal, and no request to its log; the lake costs four", async () => {
  const world = new LakeWorld();
  await write(world, 10);
  await turnToEnd(follower(world));
  const outside = new Outside(world.clock);
  const asked: string[] = [];
  outside.plan = ({ method, args }) => void asked.push(`${method} ${String(args[0])}`);
  const store = outside.wrap("destination", world.destination);
  const tables = follower(world, { store });
  const { signal } = new AbortController();
  await world.clock.finish(tables.turn(signal));
  asked.length = 0;
  await world.clock.finish(tables.turn(signal));
  const records = (await world.records()).length;
  const key = `_tributary/streams/collection.shop.orders/${String(records).padStart(16, "0")}.json`;
  assert.deepEqual(asked.sort(), [
    `get ${key}`,
    "get _tributary/tables/delta.dropped",
    "list _tributary/redriven/",
    "listFolders _tributary/ranges/",
    "listFolders _tributary/streams/",
  ]);
});

for (let seed = 1; seed <= 12; seed++) {
  Deno.test(`two followers and a zombie with lost answers and forgotten state, seed ${seed}`, async () => {
    const world = new LakeWorld(seed);
    const random = new SeededRandom(seed * 7919);
    const { signal } = new AbortController();
    const open = () => {
      const outside = new Outside(world.clock, () => random.fraction() * 40);
      outside.plan = ({ method }) => {
        const isWrite = method === "putIfAbsent" || method === "replace";
        if (!isWrite || random.fraction() > 0.2) return undefined;
        const when = random.fraction() < 0.7 ? "after" : "before";
        return { kind: "error", when, error: new TransientError("The answer is lost") };
      };
      const store = outside.wrap("destination", world.destination);
      return follower(world, { store, clock: outside.clock });
    };
    const copies = [open(), open(), open()];
    for (let round = 0; round < 15; round++) {
      await write(world, 1 + Math.floor(random.fraction() * 9));
      const turns = copies.map((copy) => copy.turn(signal).catch(ignoreTransient));
      await world.clock.finish(Promise.all(turns));
      // Its state is gone; the third goes on with what it knew long ago.
      if (random.fraction() < 0.4) copies[round % 2] = open();
    }
    await turnToEnd(follower(world));
    await assertTable(world);
    const { txns } = await readTable(world.destination);
    const last = (await world.records()).filter(namesObjects).at(-1)!;
    assert.equal(
      Math.max(...[...txns].filter(([id]) => !id.includes("#")).map(([, v]) => v)),
      last.seq,
    );
  });
}

function ignoreTransient(error: unknown): void {
  if (!(error instanceof TransientError)) throw error;
}

Deno.test("a record whose objects are not there yet is left out, and so is what comes behind it", async () => {
  const world = new LakeWorld();
  await write(world, 4);
  world.insert(4);
  const { length } = await world.records();
  await crashAfterRecord(world.instance({ settings: TABLE_SETTINGS }), length);
  const tables = follower(world);
  await turnToEnd(tables);
  const before = await readTable(world.destination);
  for (const path of before.paths.keys()) {
    assert(await world.destination.head(`${FOLDER}/${path}`) !== undefined, path);
  }
  await write(world, 4);
  await turnToEnd(tables);
  await assertTable(world);
});

Deno.test("objects that are void are in no table, and one that is void too late is taken out again", async () => {
  const world = new LakeWorld();
  world.insert(8);
  await crashAfterRecord(world.instance({ settings: TABLE_SETTINGS }), 1);
  const [, first] = await world.records();
  assert(first !== undefined && namesObjects(first));
  const voided = first.objects.map(({ key, rows }) => ({ seq: 1, key, rows }));
  // Its writer was frozen, and brings what others have given up.
  await world.destination.putIfAbsent(voided[0]!.key, new Uint8Array(first.objects[0]!.bytes));
  const tables = follower(world);
  await turnToEnd(tables);
  assert.equal((await readTable(world.destination)).paths.size, 1);
  const { objects: _, deadLetters: __, ...base } = first;
  await world.journal.append("collection.shop.orders", {
    ...{ ...base, seq: 2, id: crypto.randomUUID(), from: first.to, durableThrough: 1 },
    ...{ kind: "void", objects: voided, reason: "the oplog does not reach back" },
  });
  await turnToEnd(tables);
  await write(world, 4);
  await turnToEnd(tables);
  await assertTable(world);
  const { configuration } = await readTable(world.destination);
  assert.equal(configuration["tributary.voidedObjects"], "1");
  await world.destination.remove("_tributary/tables/delta.json");
  await turnToEnd(follower(world));
  await assertTable(world);
});

Deno.test("an object that a redo has made otherwise has its true size in the table", async () => {
  const world = new LakeWorld();
  world.insert(4);
  await crashAfterRecord(world.instance({ settings: TABLE_SETTINGS }), 1);
  const [, first] = await world.records();
  assert(first !== undefined && namesObjects(first));
  const { key, bytes } = first.objects[0]!;
  await world.destination.putIfAbsent(key, new Uint8Array(bytes + 7));
  await turnToEnd(follower(world));
  const path = key.slice(FOLDER.length + 1);
  assert.equal((await readTable(world.destination)).sizes.get(path), bytes + 7);
});

Deno.test("a journal that has lost its end stops its table, until that is made anew", async () => {
  const world = new LakeWorld();
  await write(world, 4);
  await write(world, 4);
  await turnToEnd(follower(world));
  const before = await readTable(world.destination);
  const { length } = await world.records();
  await world.lose((key) =>
    key.startsWith("_tributary/streams/") && Number(/(\d{16})\.json$/.exec(key)?.[1]) > 2
  );
  await write(world, 4);
  assert((await world.records()).length <= length + 2);
  const tables = follower(world);
  await turnToEnd(tables);
  assert.match(tables.tables[0]!.fault!, /has record \d+ of the stream collection\.shop\.orders/);
  assert.deepEqual(await readTable(world.destination), before);
  await dropLog(world);
  await turnToEnd(tables);
  assert.equal(tables.tables[0]!.fault, undefined);
  await assertTable(world);
});

async function dropLog(world: LakeWorld): Promise<void> {
  for (const key of await world.destination.list(`${FOLDER}/_delta_log/`, { limit: 1000 })) {
    await world.destination.remove(key);
  }
}

Deno.test("a table that was dropped and made anew by somebody else is noticed before anything is added", async () => {
  const world = new LakeWorld();
  const tables = follower(world);
  for (let round = 0; round < 6; round++) {
    await write(world, 4);
    await turnToEnd(tables);
  }
  await dropLog(world);
  const { hint: _, ...others } = tableParts(world);
  await turnToEnd(new LakeFollower(others));
  await write(world, 4);
  await turnToEnd(tables);
  await assertTable(world);
  assert((await readTable(world.destination)).version < 5);
});

const FIRST = `${FOLDER}/_delta_log/00000000000000000000.json`;

const FOREIGN: Readonly<
  Record<string, readonly [change: (text: string) => string, fault: RegExp]>
> = {
  "that somebody else has made": [
    (text) => text.replaceAll("tributary.collection", "owner"),
    /somebody else has made it/,
  ],
  "of another collection": [
    (text) => text.replace('"tributary.collection":"orders"', '"tributary.collection":"items"'),
    /it has the events of shop\.items/,
  ],
  "of a higher protocol for readers": [
    (text) => text.replace('"minReaderVersion":1', '"minReaderVersion":3'),
    /needs version 3 of the protocol for readers/,
  ],
  "with a feature that is not known": [
    (text) => text.replace('"appendOnly"', '"deletionVectors"'),
    /needs the features deletionVectors/,
  ],
  "with other columns": [
    (text) => text.replaceAll("resume_token", "token"),
    /somebody has changed its columns/,
  ],
  "that would forget what it has": [
    (text) =>
      text.replace(
        '"configuration":{',
        '"configuration":{"delta.setTransactionRetentionDuration":"interval 1 day",',
      ),
    /remove that property/,
  ],
  "whose entry cannot be read": [(text) => text.slice(0, -9), /log entry 0 cannot be read/],
};

for (const [kind, [change, fault]] of Object.entries(FOREIGN)) {
  Deno.test(`a table ${kind} is left alone, and the others go on`, async () => {
    const world = new LakeWorld();
    await write(world, 4);
    await turnToEnd(follower(world));
    const made = new TextDecoder().decode(await world.destination.get(FIRST));
    assert.notEqual(change(made), made);
    await world.destination.replace(FIRST, new TextEncoder().encode(change(made)));
    await world.destination.remove("_tributary/tables/delta.json");
    await write(world, 4);
    await write(world, 4, { stream: ITEMS });
    const tables = follower(world);
    await turnToEnd(tables);
    await turnToEnd(tables);
    const [items, orders] = tables.tables.toSorted((a, b) => a.folder < b.folder ? -1 : 1);
    assert.match(orders!.fault!, fault);
    assert.equal(items!.fault, undefined);
    const keys = await world.destination.list(`${FOLDER}/_delta_log/`, { limit: 10 });
    assert.deepEqual(keys, [FIRST]);
    assert.equal((await readTable(world.destination, "db=shop/coll=items")).version, 0);
    // Whoever was in the way has gone.
    await world.destination.replace(FIRST, new TextEncoder().encode(made));
    await turnToEnd(follower(world));
    await assertTable(world);
  });
}

const ITEMS = { level: "collection", database: "shop", collection: "items" } as const;

Deno.test("a stream of a database makes a table for each of its collections", async () => {
  const world = new LakeWorld();
  world.insert(4, "orders");
  world.insert(3, "items");
  world.insert(2, "a/b");
  const stream = { level: "database", database: "shop" } as const;
  await write(world, 1, { stream });
  const tables = follower(world);
  await turnToEnd(tables);
  assert.deepEqual(tables.tables.map(({ folder }) => folder).sort(), [
    "db=shop/coll=items",
    FOLDER,
  ]);
  assert.match(tables.refusals.get("shop.a/b")!, /its folder "db=shop\/coll=a%2Fb\/" has a "%"/);
  const { paths } = await readTable(world.destination);
  assert.deepEqual([...paths.keys()].sort(), await pathsInJournal(world, stream));
});

Deno.test("objects of other formats, and objects without folders of their own, make no table", async () => {
  for (
    const settings of [
      {
        ...TABLE_SETTINGS,
        encoding: { ...TABLE_SETTINGS.encoding, format: "jsonl", compression: "none" },
      },
      { ...TABLE_SETTINGS, keyRule: { template: "", bucket: "none" } },
    ] as const
  ) {
    const world = new LakeWorld();
    await write(world, 4, { settings });
    const tables = follower(world);
    await turnToEnd(tables);
    assert.deepEqual([tables.tables.length, tables.refusals.size], [0, 1]);
  }
});

Deno.test("a table ends where its collection gets another format, with all that was before", async () => {
  const world = new LakeWorld();
  const tables = follower(world);
  await write(world, 4);
  await turnToEnd(tables);
  await write(world, 8);
  const before = await pathsInJournal(world);
  const encoding = { format: "jsonl", compression: "none", jsonMode: "relaxed" } as const;
  await write(world, 4, { settings: { ...TABLE_SETTINGS, encoding } });
  await write(world, 4);
  for (const each of [tables, follower(world)]) {
    await turnToEnd(each);
    await turnToEnd(each);
    assert.deepEqual([...(await readTable(world.destination)).paths.keys()].sort(), before);
    assert.match(each.tables[0]!.fault!, /ends: it has objects in the format jsonl/);
  }
});

Deno.test("a table goes on when its collection comes back from folders that can have none", async () => {
  const world = new LakeWorld();
  const stream = { level: "collection", database: "shop", collection: "a/b" } as const;
  const { keyRule } = TABLE_SETTINGS;
  const template = keyRule.template.replace("{coll}", "{coll!}");
  const plain = { ...TABLE_SETTINGS, keyRule: { ...keyRule, template } };
  const tables = follower(world);
  for (const [round, settings] of [TABLE_SETTINGS, plain, TABLE_SETTINGS, plain].entries()) {
    await write(world, 4, { stream, settings });
    const isRefused = settings === TABLE_SETTINGS;
    for (const each of [tables, follower(world, { hint: undefined as never })]) {
      await turnToEnd(each);
      assert.equal(each.refusals.has("shop.a/b"), isRefused, `round ${round}`);
      assert.deepEqual(each.tables.map(({ fault }) => fault), round === 0 ? [] : [undefined]);
    }
  }
  const folder = "db=shop/coll=a!2Fb";
  const { paths, configuration } = await readTable(world.destination, folder);
  const elsewhere = await world.destination.list("db=shop/coll=a%2Fb/", { limit: 100 });
  assert.equal(configuration["tributary.objectsElsewhere"], String(elsewhere.length));
  const lying = await world.destination.list(`${folder}/year=`, { limit: 100 });
  assert.deepEqual([...paths.keys()].map((path) => `${folder}/${path}`).sort(), lying);
  assert.deepEqual([...paths].filter(([, times]) => times !== 1), []);
});

Deno.test("a store that refuses to write a table is asked again, and nothing is lost meanwhile", async () => {
  const world = new LakeWorld();
  await write(world, 4);
  const outside = new Outside(world.clock);
  outside.plan = ({ method, args }) =>
    method === "putIfAbsent" && String(args[0]).includes("_delta_log")
      ? { kind: "error", when: "before", error: new PermanentError("Cannot write: denied") }
      : undefined;
  const tables = follower(world, { store: outside.wrap("destination", world.destination) });
  const { signal } = new AbortController();
  for (let i = 0; i < 2; i++) {
    await assert.rejects(world.clock.finish(tables.turn(signal)), /denied/);
  }
  outside.plan = () => undefined;
  await world.clock.finish(tables.turn(signal));
  await assertTable(world);
});
