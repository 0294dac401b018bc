import assert from "node:assert/strict";
import type { Redrive } from "../../../../src/model/redrive.ts";
import { namesObjects } from "../../../../src/model/record.ts";
import {
  type CommitSteps,
  parseRedrivenStream,
  RedriveFollower,
} from "../../../../src/table/follow/redrive_follower.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER, write } from "../../../support/table_world.ts";

const STREAM = "collection.shop.orders";

async function scene() {
  const world = new LakeWorld();
  await write(world, 2);
  const record = (await world.records()).find(namesObjects)!;
  const bucket = record.objects[0]!.bucket;
  const redrives: Redrive[] = [];
  const add = async (part: Partial<Redrive> = {}, isThere = true) => {
    const number = redrives.length;
    const key = `${FOLDER}/year=2026/x-${number}.redriven.parquet`;
    if (isThere) await world.destination.putIfAbsent(key, new Uint8Array(7 + number));
    const object = { key, database: "shop", collection: "orders", bucket, rows: 1, bytes: 1 };
    redrives.push({
      ...{ seq: record.seq, number, recordId: record.id, by: "me", encoderVersion: 1 },
      redrivenAt: "2026-11-20T18:00:00.000Z",
      encoding: { format: "parquet", compression: "zstd", jsonMode: "relaxed" },
      objects: [{ ...object, crc32: "0", events: ["a"] }],
      ...part,
    });
    return key;
  };
  const committed: string[] = [];
  const tables = new RedriveFollower({ journal: world.journal, objects: world.destination }, {
    records: () =>
      Promise.resolve([{ streamKey: STREAM, seq: record.seq, count: redrives.length }]),
    read: () => Promise.resolve(redrives),
  });
  const commit: CommitSteps = (folder, { collection }, { streamKey, steps }) => {
    for (const { seq, files } of steps) {
      committed.push(`${folder} ${collection} ${streamKey} ${seq} ${files[0]!.bytes}`);
    }
    return Promise.resolve(true);
  };
  return { world, record, add, redrives, committed, tables, commit };
}

const failed = (error: unknown) => assert.fail(String(error));

Deno.test("each redrive is handed on once it is there, with its true size, and again after a reset", async () => {
  const { world, record, add, committed, tables, commit } = await scene();
  const lineOf = (number: number) =>
    `${FOLDER} orders redriven/${STREAM}/${record.seq} ${number} ${7 + number}`;
  await add();
  await tables.follow(commit, failed);
  await tables.follow(commit, failed);
  assert.deepEqual(committed, [lineOf(0)]);
  const key = await add({}, false);
  await tables.follow(commit, failed);
  assert.equal(committed.filter((line) => line === lineOf(1)).length, 0);
  await world.destination.putIfAbsent(key, new Uint8Array(8));
  committed.length = 0;
  tables.reset();
  await tables.follow(commit, failed);
  await tables.follow(commit, failed);
  assert.deepEqual(committed, [lineOf(0), lineOf(1)]);
});

Deno.test("what a table did not take comes again, and the redrive of another journal's record never", async () => {
  const { add, committed, tables, commit } = await scene();
  await add();
  await tables.follow(() => Promise.resolve(false), failed);
  const errors: unknown[] = [];
  await tables.follow(() => Promise.reject(new Error("away")), (error) => void errors.push(error));
  assert.match(String(errors[0]), /away/);
  await tables.follow(commit, failed);
  assert.equal(committed.length, 1);
  await add({ recordId: "another" });
  await tables.follow(commit, failed);
  await tables.follow(commit, failed);
  assert.equal(committed.length, 2, "only the first one again");
});

Deno.test("a table that is not answered leaves no commit of another one behind", async () => {
  const { world, add, redrives, tables } = await scene();
  await add();
  const [redrive] = redrives as [Redrive];
  const key = "db=shop/coll=items/year=2026/x-0.redriven.parquet";
  await world.destination.putIfAbsent(key, new Uint8Array(1));
  const other = { ...redrive.objects[0]!, key, collection: "items" };
  redrives[0] = { ...redrive, objects: [...redrive.objects, other] };
  const happened: string[] = [];
  const commit: CommitSteps = async (folder) => {
    if (folder === FOLDER) throw new Error("away");
    for (let i = 0; i < 10; i++) await Promise.resolve();
    happened.push("committed");
    return true;
  };
  await tables.follow(commit, (error) => void happened.push(String(error)));
  assert.deepEqual(happened.sort(), ["Error: away", "committed"]);
});

Deno.test("the stream of a record's redrives is told from those of journals", () => {
  assert.deepEqual(parseRedrivenStream(`redriven/${STREAM}/12`), { streamKey: STREAM, seq: 12 });
  assert.equal(parseRedrivenStream(STREAM), undefined);
});
