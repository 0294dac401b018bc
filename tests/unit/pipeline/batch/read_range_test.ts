import assert from "node:assert/strict";
import { HistoryLostError } from "../../../../src/model/errors.ts";
import { type Position, positionAfterToken, positionAt } from "../../../../src/model/position.ts";
import { type Range, readRange } from "../../../../src/pipeline/batch/read_range.ts";
import { highWaterToken } from "../../../../src/source/memory/memory_token.ts";
import { tokensIn } from "../../../support/event_factory.ts";
import { LakeWorld, OPLOG_SECONDS_FIRST, SETTINGS } from "../../../support/lake_world.ts";

const NEVER = new AbortController().signal;

Deno.test("readRange gives the events after from and up to to, whatever comes behind", async () => {
  const world = new LakeWorld();
  world.insert(3000);
  const tokens = world.oplog.entries.map((e) => e.data);
  for (const [from, to] of [[0, 1], [10, 2500], [1999, 2999]] as const) {
    const batch = await read(world, {
      from: positionAfterToken(tokens[from]!),
      to: positionAfterToken(tokens[to]!),
    });
    assert.equal(batch!.rows, to - from);
    assert.deepEqual(tokensIn(batch!.objects[0]!.chunks), tokens.slice(from + 1, to + 1));
  }
});

Deno.test("readRange from an inclusive start takes the events of that time", async () => {
  const world = new LakeWorld();
  world.insert(3);
  const [first, second] = world.oplog.entries;
  const batch = await read(world, {
    from: positionAt(first!.time),
    to: positionAfterToken(second!.data),
  });
  assert.equal(batch!.rows, 2);
});

Deno.test("readRange ends at a high-water mark past to, though no event is there", async () => {
  const world = new LakeWorld();
  world.insert(2);
  world.pass(10);
  const to = positionAfterToken(highWaterToken({ t: OPLOG_SECONDS_FIRST + 7, i: 3 }));
  const batch = await read(world, { from: start(), to });
  assert.equal(batch!.rows, 2);
});

Deno.test("readRange of a range without events is undefined", async () => {
  const world = new LakeWorld();
  world.insert(2, "others");
  world.pass(10);
  const to = positionAfterToken(highWaterToken({ t: OPLOG_SECONDS_FIRST + 7, i: 1 }));
  assert.equal(await read(world, { from: start(), to }), undefined);
  assert.equal(await read(world, { from: to, to }), undefined);
});

Deno.test("readRange sets aside the dead letters that it is given", async () => {
  const world = new LakeWorld();
  world.insert(3);
  const tokens = world.oplog.entries.map((e) => e.data);
  const setAside = new Map([[tokens[1]!, "it was odd"]]);
  const to = positionAfterToken(tokens[2]!);
  const batch = await read(world, { from: start(), to, setAside });
  assert.deepEqual(batch!.unreadable.map((u) => [u.data, u.reason]), [[tokens[1], "it was odd"]]);
  assert.deepEqual(tokensIn(batch!.objects[0]!.chunks), [tokens[0], tokens[2]]);
});

Deno.test("readRange finds several events that the server cannot produce", async () => {
  const world = new LakeWorld();
  for (const unreadable of [undefined, "too-large", "too-large", undefined, "too-large"] as const) {
    world.oplog.append({
      operation: "update",
      database: "shop",
      collection: "orders",
      ...(unreadable === undefined ? {} : { unreadable }),
    });
  }
  const tokens = world.oplog.entries.map((e) => e.data);
  const to = positionAfterToken(tokens[3]!);
  const batch = await read(world, { from: start(), to });
  assert.deepEqual(batch!.unreadable.map((u) => u.data), [tokens[1], tokens[2]]);
  assert.deepEqual(tokensIn(batch!.objects[0]!.chunks), [tokens[0], tokens[3]]);
});

Deno.test("readRange closes each cursor, and throws what the source throws", async () => {
  const world = new LakeWorld();
  world.insert(3);
  const one = world.instance();
  let open = 0;
  one.outside.plan = ({ target, method }) => {
    if (target === "source" && method === "open") open++;
    if (target === "cursor" && method === "close") open--;
    return undefined;
  };
  const to = positionAfterToken(world.oplog.entries[2]!.data);
  const range = { from: start(), to, settings: SETTINGS, setAside: new Map() };
  await world.clock.finish(readRange(one.context, range, NEVER));
  assert.equal(open, 0);
  world.oplog.truncateBefore(world.oplog.entries[1]!.time);
  await assert.rejects(readRange(one.context, range, NEVER), HistoryLostError);
});

Deno.test("readRange ends where the signal is aborted", async () => {
  const world = new LakeWorld();
  world.insert(3);
  const abort = new AbortController();
  const to = positionAfterToken(highWaterToken({ t: OPLOG_SECONDS_FIRST + 100, i: 1 }));
  const range = { from: start(), to, settings: SETTINGS, setAside: new Map() };
  const reading = readRange(world.instance().context, range, abort.signal);
  await world.clock.advance(5000);
  abort.abort(new Error("enough"));
  await assert.rejects(world.clock.finish(reading), /enough/);
});

function start(): Position {
  return positionAt({ t: OPLOG_SECONDS_FIRST, i: 1 });
}

async function read(world: LakeWorld, range: Partial<Range> & Pick<Range, "from" | "to">) {
  const { context } = world.instance();
  const whole = { settings: SETTINGS, setAside: new Map(), ...range };
  return await world.clock.finish(readRange(context, whole, NEVER));
}
