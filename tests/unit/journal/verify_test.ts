import assert from "node:assert/strict";
import { verifyStream } from "../../../src/journal/verify.ts";
import type { GapRecord, VoidRecord } from "../../../src/model/record.ts";
import { streamKey } from "../../../src/model/stream.ts";
import { LakeWorld, ORDERS } from "../../support/lake_world.ts";

const KEY = streamKey(ORDERS);

Deno.test("verifyStream() finds a clean lake whole and counts it", async () => {
  const { world } = await filledLake();
  const report = await verify(world);
  assert.deepEqual(report.holes, []);
  assert.equal(report.rows, 10);
  assert.equal(report.objects, 3);
});

Deno.test("verifyStream() names a missing object", async () => {
  const { world, keys } = await filledLake();
  const report = await verify(world, { without: keys[1]! });
  assert.equal(report.holes.length, 1);
  assert.match(report.holes[0]!.what, /the object is missing/);
  assert.ok(report.holes[0]!.what.startsWith(keys[1]!));
});

Deno.test("verifyStream() names an object with other rows than recorded", async () => {
  const { world, keys } = await filledLake();
  const report = await verify(world, { rows: new Map([[keys[0]!, 3]]) });
  assert.match(report.holes[0]!.what, /3 rows, 4 were recorded/);
});

Deno.test("verifyStream() names a missing record and a broken chain", async () => {
  const { world } = await filledLake();
  const journal = { ...world.journal };
  journal.read = (key, seq) =>
    seq === 2 ? Promise.resolve(undefined) : world.journal.read(key, seq);
  const options = {
    journal,
    destination: world.destination,
    countRows: rowsOf(world),
    clock: world.clock,
  };
  const missing = await verifyStream(options, KEY);
  assert.match(missing.holes[0]!.what, /the record is missing/);
  journal.read = async (key, seq) => {
    const record = await world.journal.read(key, seq);
    return seq === 2 ? { ...record!, from: { operationTime: { t: 5, i: 1 }, data: "" } } : record;
  };
  const broken = await verifyStream(options, KEY);
  assert.match(broken.holes[0]!.what, /begins at 5\.1, the record before ends at/);
});

Deno.test("verifyStream() lists gaps, and objects given up once", async () => {
  const { world, records, keys } = await filledLake();
  const last = records.at(-1)!;
  const base = { ...last, from: last.to, to: last.to };
  const gap: GapRecord = { ...base, kind: "gap", seq: last.seq + 1, id: "gap", reason: "moved" };
  const given: VoidRecord = {
    ...base,
    kind: "void",
    seq: last.seq + 2,
    id: "void",
    objects: [{ seq: 1, key: keys[0]!, rows: 4 }],
    reason: "lost",
  };
  await world.journal.append(KEY, gap);
  await world.journal.append(KEY, given);
  const report = await verify(world, { without: keys[0]! });
  assert.deepEqual(report.holes.map((h) => h.seq), [gap.seq, given.seq]);
  assert.match(report.holes[1]!.what, /given up with 4 rows: lost/);
});

Deno.test("verifyStream() starts at the record that reaches past `since`", async () => {
  const { world, records, keys } = await filledLake();
  world.pass(5000);
  const instance = world.instance();
  world.insert(2);
  await instance.runToEnd();
  const sinceSeconds = records.at(-1)!.to.operationTime.t + 100;
  const report = await verify(world, { without: keys[0]!, sinceSeconds });
  assert.deepEqual(report.holes, []);
  assert.equal(report.rows, 2);
});

Deno.test("verifyStream() finds records that were changed behind a tip", async () => {
  const { world } = await filledLake();
  const last = (await world.records()).at(-1)!;
  for (let seq = last.seq + 1; seq < 1000; seq++) {
    await world.journal.append(KEY, {
      ...last,
      kind: "heartbeat",
      seq,
      from: last.to,
      id: `${seq}`,
    });
  }
  const tip = {
    v: 1,
    seq: 999,
    hash: "0".repeat(64),
    events: 10,
    objects: 3,
    bytes: 1,
    deadLetters: 0,
    gaps: 0,
    voids: 0,
  };
  const key = `_tributary/streams/${KEY}/tip/0000000000000999.json`;
  await world.destination.putIfAbsent(key, new TextEncoder().encode(JSON.stringify(tip)));
  const report = await verify(world);
  assert.match(report.holes[0]?.what ?? "", /records changed since its tip was written: .*hash/);
});

interface Choice {
  readonly without?: string;
  readonly rows?: ReadonlyMap<string, number>;
  readonly sinceSeconds?: number;
}

async function verify(world: LakeWorld, choice: Choice = {}) {
  const { destination, journal, clock } = world;
  const count = rowsOf(world);
  const running = verifyStream({
    journal,
    clock,
    destination: new Proxy(destination, {
      get: (target, name: keyof typeof destination) =>
        name === "head"
          ? (key: string) => key === choice.without ? Promise.resolve(undefined) : target.head(key)
          : (target[name] as () => unknown).bind(target),
    }),
    countRows: async (key) => choice.rows?.get(key) ?? await count(key),
    ...(choice.sinceSeconds === undefined ? {} : { sinceSeconds: choice.sinceSeconds }),
  }, KEY);
  return await running;
}

function rowsOf(world: LakeWorld): (key: string) => Promise<number> {
  return async (key) => {
    const bytes = await world.destination.get(key);
    return new TextDecoder().decode(bytes).split("\n").length - 1;
  };
}

/** Ten events in batches of four, stopped cleanly. */
async function filledLake() {
  const world = new LakeWorld();
  world.insert(10);
  await world.instance().runToEnd();
  const records = await world.records();
  const keys = records.flatMap((r) => r.kind === "batch" ? r.objects.map((o) => o.key) : []);
  return { world, records, keys };
}
