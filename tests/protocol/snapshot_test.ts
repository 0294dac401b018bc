/** Ranges of snapshots under faults: each document has one row, whatever happens between which two calls. */
import assert from "node:assert/strict";
import { compareClusterTimes } from "../../src/model/cluster_time.ts";
import type { OutsideCall } from "../support/outside.ts";
import { atCall } from "../support/outside.ts";
import { type RangeCopy, RangeWorld } from "../support/range_world.ts";

const CALLS_MAX = 300;
/** Of the eleven documents those that no test deletes or brings. */
const STAYED = [5, 6, 7, 8, 9, 10, 11];

const isLakeCall = ({ target }: OutsideCall) => target === "destination";

/** An object is put, not a record. */
const isObjectPut = ({ method, args }: OutsideCall) =>
  method === "putIfAbsent" && String(args[0]).startsWith("db=");

Deno.test("a range reads all of its collections into chunks that follow each other", async () => {
  const range = new RangeWorld();
  await range.copy().runToEnd();
  await range.assertComplete(STAYED);
  const chunks = await range.chunks();
  assert.deepEqual(chunks.map(({ chunk }) => chunk!.row), [0, 4, 8, 11]);
  assert.deepEqual(chunks.map(({ chunk }) => chunk!.piece), [0, 0, 0, 1]);
  assert.equal((await range.rows()).length, 14);
});

for (const forgets of [false, true]) {
  const what = forgets ? "and the server forgets the time" : "while the time can be read";
  for (const when of ["before", "after"] as const) {
    Deno.test(`a crash ${when} any call, ${what}, gives each document one row`, async () => {
      let calls = 0;
      for (let number = 1; number <= CALLS_MAX; number++) {
        const range = new RangeWorld();
        if (!await crashed(range, range.copy(), number, when)) break;
        calls = number;
        if (forgets) range.documents.forget();
        range.change();
        await range.copy().runToEnd();
        await range.assertComplete(STAYED).catch((cause) => {
          throw new Error(`After a crash at call ${number}`, { cause });
        });
      }
      assert(calls > 10, `only ${calls} calls`);
    });
  }
}

Deno.test("a crash at any call of a redo that cannot read its time gives each document one row", async () => {
  let calls = 0;
  for (let number = 1; number <= CALLS_MAX; number++) {
    const range = new RangeWorld();
    const first = range.copy();
    await killedBeforeObject(range, first, 2);
    range.documents.forget();
    range.change();
    if (!await crashed(range, range.copy(), number, "after")) break;
    calls = number;
    range.documents.forget();
    await range.copy().runToEnd();
    await range.assertComplete(STAYED).catch((cause) => {
      throw new Error(`After a crash at call ${number}`, { cause });
    });
  }
  assert(calls > 20, `only ${calls} calls`);
});

Deno.test("a chunk whose time is forgotten before its object is put is emptied, and read again first", async () => {
  const range = new RangeWorld();
  await killedBeforeObject(range, range.copy(), 2);
  range.documents.forget();
  await range.copy().runToEnd();
  await range.assertComplete(STAYED);
  const records = await range.records();
  const emptied = records.find(({ kind }) => kind === "emptied");
  assert(emptied?.kind === "emptied");
  assert.deepEqual(emptied.chunks, [2, 3]);
  const next = records[emptied.seq + 1]!;
  assert(next.kind === "batch");
  assert.equal(next.chunk?.repeats, 2);
});

Deno.test("a time before the floor is thrown away, and so is one before the last chunk's", async () => {
  const range = new RangeWorld();
  range.documents.lag = 1;
  const copy = range.copy();
  const running = copy.run();
  let isOver = false;
  running.finally(() => isOver = true);
  const { clock } = range.world;
  await clock.until(() => range.documents.opened.length > 3);
  assert.deepEqual((await range.chunks()).length, 0);
  range.documents.lag = 0;
  await clock.until(() => isOver);
  await range.assertComplete(STAYED);
  for (const { chunk } of await range.chunks()) {
    assert(compareClusterTimes(chunk!.at, range.plan.floor) >= 0);
  }
});

Deno.test("a writer that wakes up behind an empty object stops, and its put changes nothing", async () => {
  const range = new RangeWorld();
  const slow = range.copy();
  const wake = Promise.withResolvers<void>();
  slow.outside.plan = (call) =>
    isObjectPut(call) && isOfRecord(call, 2)
      ? { kind: "held", when: "before", until: wake.promise }
      : undefined;
  let failure: Error | undefined;
  slow.run().catch((error: Error) => failure = error);
  await range.world.clock.until(() => range.appended.has(3));
  range.documents.forget();
  range.change();
  await range.copy().runToEnd();
  wake.resolve();
  await range.world.clock.until(() => failure !== undefined);
  assert.match(failure!.message, /another object lies there/);
  await range.assertComplete(STAYED);
});

Deno.test("where the slow writer's object comes first, it stays, and nothing is read again", async () => {
  const range = new RangeWorld();
  const slow = range.copy();
  const wake = Promise.withResolvers<void>();
  slow.outside.plan = (call) =>
    isObjectPut(call) && isOfRecord(call, 2)
      ? { kind: "held", when: "before", until: wake.promise }
      : undefined;
  const stored = Promise.withResolvers<void>();
  slow.stored = (seq) => {
    if (seq === 2) stored.resolve();
  };
  slow.run().catch(() => {});
  await range.world.clock.until(() => range.appended.has(3));
  range.documents.forget();
  const quick = range.copy();
  // Between the look that finds nothing and the put of the empty object.
  quick.outside.plan = (call) => {
    if (!isObjectPut(call) || !isOfRecord(call, 2)) return undefined;
    wake.resolve();
    return { kind: "held", when: "before", until: stored.promise };
  };
  await quick.runToEnd();
  await range.assertComplete(STAYED);
  assert((await range.records()).every(({ kind }) => kind !== "emptied"));
});

for (const anew of [false, true]) {
  const what = anew ? "dropped and made anew" : "dropped";
  Deno.test(`a collection that is ${what} in the middle is given up, and the next one read`, async () => {
    const range = new RangeWorld();
    await killedBeforeObject(range, range.copy(), 2);
    range.documents.set("orders", undefined);
    if (anew) range.documents.set("orders", [{ _id: 1, value: 9 }]);
    range.documents.forget();
    await range.copy().runToEnd();
    await range.assertComplete([]);
    const rows = await range.rows();
    assert.equal(rows.filter(({ name }) => name === "items").length, 3);
    // The first chunk alone.
    assert.equal(rows.filter(({ name }) => name === "orders").length, 4);
    assert((await range.chunks()).some(({ chunk }) => chunk?.superseded));
  });
}

Deno.test("a stop stores what was read, and the next run goes on behind it", async () => {
  const range = new RangeWorld();
  const copy = range.copy();
  copy.outside.plan = (call) => {
    if (isObjectPut(call)) copy.stop.abort();
    return undefined;
  };
  let outcome: string | undefined;
  copy.run().then((value) => outcome = value);
  await range.world.clock.until(() => outcome !== undefined);
  assert.equal(outcome, "stopped");
  range.change();
  await range.copy().runToEnd();
  await range.assertComplete(STAYED);
});

/** Runs a copy with a crash at the call with this number; false if it came to its end before. */
async function crashed(
  { world }: RangeWorld,
  copy: RangeCopy,
  number: number,
  when: "before" | "after",
): Promise<boolean> {
  copy.outside.plan = atCall(number, { kind: "crash", when }, isLakeCall);
  await copy.runToEnd();
  await world.clock.settle();
  return copy.outside.isKilled;
}

/** Kills the copy when it puts the object of this record, which does not come to be. */
async function killedBeforeObject(range: RangeWorld, copy: RangeCopy, seq: number): Promise<void> {
  copy.outside.plan = (call) =>
    isObjectPut(call) && isOfRecord(call, seq) ? { kind: "crash", when: "before" } : undefined;
  await copy.runToEnd();
  assert(copy.outside.isKilled);
  await range.world.clock.settle();
}

function isOfRecord({ args }: OutsideCall, seq: number): boolean {
  return new RegExp(`-${seq}-0\\.jsonl$`).test(String(args[0]));
}

Deno.test("a range that is closed takes no other settings", async () => {
  const range = new RangeWorld();
  await range.copy().runToEnd();
  const { length } = await range.records();
  await range.copy({ encoderVersion: 2 }).runToEnd();
  assert.equal((await range.records()).length, length);
  await range.assertComplete(STAYED);
});
