import assert from "node:assert/strict";
import { PermanentError } from "../../../src/model/errors.ts";
import { type Stream, streamKey } from "../../../src/model/stream.ts";
import { movePosition } from "../../../src/pipeline/move_position.ts";
import type { Point } from "../../../src/model/start_from.ts";
import { LakeWorld, OPLOG_SECONDS_FIRST, ORDERS } from "../../support/lake_world.ts";
import { operatorParts } from "../../support/operator_parts.ts";

const NOW: Point = { kind: "now" };
const FIRST: Point = { kind: "time", seconds: OPLOG_SECONDS_FIRST };

Deno.test("movePosition fixes the start of a stream that has no journal, once and for all", async () => {
  const world = new LakeWorld();
  world.pass(60);
  const [move] = await movePosition(operatorParts(world), "shop.orders", FIRST, false);
  assert.deepEqual(move!.stream, ORDERS);
  assert.deepEqual([move!.from, move!.seq], [undefined, undefined]);
  assert.deepEqual(await world.journal.readStart(streamKey(ORDERS)), move!.to);
  await movePosition(operatorParts(world), "shop.orders", FIRST, false);
  await assert.rejects(
    movePosition(operatorParts(world), "shop.orders", NOW, true),
    /Cannot fix the start of collection:shop\.orders at .*: it was fixed at .* before/,
  );
  const one = world.instance({ options: { startFrom: { kind: "now" } } });
  await one.runToEnd();
  assert.deepEqual((await world.records())[0]!.from, move!.to);
});

Deno.test("movePosition says what is left out and asks for force", async () => {
  const world = await filledWorld();
  const before = await world.records();
  await assert.rejects(
    movePosition(operatorParts(world), "shop.orders", NOW, false),
    (error) =>
      error instanceof PermanentError && /will not be in the lake.*--force/.test(error.message),
  );
  assert.deepEqual(await world.records(), before);
});

Deno.test("movePosition appends a gap, and the next run goes on behind it", async () => {
  const world = await filledWorld();
  const last = (await world.records()).at(-1)!;
  const [move] = await movePosition(operatorParts(world), "shop.orders", NOW, true);
  assert.deepEqual(move!.from, last.to);
  const gap = (await world.records()).at(-1)!;
  assert.equal(gap.kind, "gap");
  assert.deepEqual(
    [gap.seq, gap.from, gap.to, gap.settingsSeq, gap.durableThrough, gap.owner],
    [last.seq + 1, last.to, move!.to, last.settingsSeq, gap.seq, "operator"],
  );
  world.pass(5);
  world.insert(2);
  await world.instance().runToEnd();
  const rows = (await world.records()).slice(gap.seq).flatMap((r) =>
    r.kind === "batch" ? r.objects.map((o) => o.rows) : []
  );
  assert.deepEqual(rows, [2]);
});

Deno.test("movePosition changes nothing where the stream stands there already, and refuses to go back", async () => {
  const world = await filledWorld();
  const parts = operatorParts(world);
  await movePosition(parts, "shop.orders", NOW, true);
  const records = await world.records();
  const [again] = await movePosition(parts, "shop.orders", NOW, false);
  assert.equal(again!.seq, undefined);
  await assert.rejects(
    movePosition(parts, "shop.orders", FIRST, true),
    /Cannot move collection:shop\.orders back from .*use another prefix/,
  );
  assert.deepEqual(await world.records(), records);
});

Deno.test("movePosition gets its gap in while a writer appends", async () => {
  const world = await filledWorld();
  const parts = operatorParts(world);
  let appended = false;
  const journal = {
    ...parts.journal,
    append: async (key: string, record: Parameters<typeof parts.journal.append>[1]) => {
      if (!appended) {
        appended = true;
        const other = { ...record, kind: "heartbeat" as const, to: record.from, id: "another" };
        const { reason: _, ...heartbeat } = other as typeof other & { reason: string };
        await world.journal.append(key, heartbeat);
      }
      return await world.journal.append(key, record);
    },
  };
  const [move] = await world.clock.finish(
    movePosition({ ...parts, journal }, "shop.orders", NOW, true),
  );
  const kinds = (await world.records()).slice(-2).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["heartbeat", "gap"]);
  assert.equal(move!.seq, (await world.records()).length - 1);
});

Deno.test("movePosition refuses closed and damaged journals, and names that are none", async () => {
  const world = await filledWorld();
  const last = (await world.records()).at(-1)!;
  const parts = operatorParts(world);
  await assert.rejects(movePosition(parts, "orders", NOW, true), /Cannot find the stream "orders"/);
  const journal = {
    ...world.journal,
    read: (key: string, seq: number) =>
      seq === 0 ? Promise.resolve(undefined) : world.journal.read(key, seq),
  };
  await assert.rejects(
    movePosition({ ...parts, journal }, "shop.orders", NOW, true),
    /the first record of the journal collection\.shop\.orders is gone/,
  );
  await world.journal.append(streamKey(ORDERS), {
    ...last,
    kind: "closed",
    seq: last.seq + 1,
    id: "closed",
    from: last.to,
    reason: "retired",
  });
  await assert.rejects(movePosition(parts, "shop.orders", NOW, true), /its journal is closed/);
});

Deno.test("movePosition moves a database by its name", async () => {
  const world = new LakeWorld();
  const stream: Stream = { level: "database", database: "shop" };
  await world.instance({ stream }).runToEnd();
  world.pass(10);
  const moves = await movePosition(operatorParts(world), "database:shop", NOW, true);
  assert.deepEqual(moves.map((move) => move.stream), [stream]);
});

/** Five orders in the lake, and then time passes. */
async function filledWorld(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(5);
  await world.instance().runToEnd();
  world.pass(60);
  world.insert(3);
  return world;
}
