import assert from "node:assert/strict";
import { DeltaLog, type DeltaParts } from "../../../../src/table/delta/log.ts";
import { PermanentError } from "../../../../src/model/errors.ts";
import { entryKey, listLog } from "../../../../src/table/delta/files.ts";
import { filesAt } from "../../../../src/table/delta/upkeep.ts";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { deltaStore, FOLDER, nothingJoined, readTable } from "../../../support/table_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";
import { idOf, steps } from "../steps_of.ts";

const HOUR_MS = 3_600_000;

function scene(parts: Partial<DeltaParts> = {}) {
  const destination = new MemoryDestination();
  const clock = new VirtualClock();
  const open = (own: Partial<DeltaParts> = {}) =>
    new DeltaLog({
      ...{ store: deltaStore(destination), folder: FOLDER, writers: "ours", clock },
      name: { database: "shop", collection: "orders" },
      random: new SeededRandom(1),
      recordId: (_, seq) => Promise.resolve(idOf(seq)),
      compactions: nothingJoined(),
      failedBeside: (_, error) => assert.fail(String(error)),
      ...parts,
      ...own,
    });
  return { destination, clock, open, log: open() };
}

Deno.test("what a table has is not committed again, by whoever", async () => {
  const { destination, open, log } = scene();
  await log.commit(steps(1, 3));
  const outcome = await open().commit(steps(2, 5));
  assert.deepEqual([outcome.outcome, "commits" in outcome && outcome.commits], ["complete", 1]);
  await log.commit(steps(1, 5));
  const { paths, txns, version } = await readTable(destination);
  assert.deepEqual([...paths].sort(), [1, 2, 3, 4, 5].map((seq) => [`${seq}-0.parquet`, 1]));
  assert.deepEqual([txns.get("s@l"), version], [5, 1]);
});

Deno.test("a large backlog becomes several commits, none of which divides a record", async () => {
  const { destination, log } = scene();
  await log.commit(steps(1, 5, {}, 900));
  const { paths, version } = await readTable(destination);
  assert.deepEqual([paths.size, version], [4500, 2]);
  await log.commit(steps(6, 6, {}, 2500));
  assert.equal((await readTable(destination)).paths.size, 7000);
});

Deno.test("the table as it was known decides whether anything is added", async () => {
  const { log, open, destination } = scene();
  const made = await log.commit(steps(1, 1));
  assert(made.outcome === "complete");
  const known = { id: made.id, version: made.version };
  const others = [{ ...known, id: "another" }, { ...known, version: 7 }];
  for (const other of others) {
    assert.deepEqual(await open().commit(steps(2, 2), other), { outcome: "another" });
  }
  assert.equal((await open().commit(steps(2, 2), known)).outcome, "complete");
  await destination.remove(entryKey(FOLDER, 0));
  await destination.remove(entryKey(FOLDER, 1));
  assert.deepEqual(await log.commit(steps(3, 3), known), { outcome: "another" });
});

Deno.test("another record under a seq that the table has is found, in what is new or in the journal", async () => {
  const { log, open } = scene();
  await log.commit(steps(1, 3));
  const [stream] = steps(3, 4);
  const other = stream!.steps.map((step) => ({ ...step, recordId: idOf(step.seq + 77) }));
  await assert.rejects(
    open().commit([{ ...stream!, steps: other }]),
    /has record 3 of the stream s, which is another one now in the journal/,
  );
  const lost = open({ recordId: () => Promise.resolve(undefined) });
  await assert.rejects(
    lost.commit(steps(4, 4)),
    /has record 3 of the stream s, which is not there/,
  );
});

Deno.test("an entry that was put after a long pause counts only where the log shows it", async () => {
  const { destination, clock, open, log } = scene();
  for (let seq = 1; seq <= 120; seq++) await log.commit(steps(seq, seq));
  const store = deltaStore(destination);
  const slow = open({
    store: {
      ...store,
      async putIfAbsent(key, bytes) {
        // Stopped here for longer than entries are kept; the others have gone on and cleaned up.
        if (clock.monotonicMs() < HOUR_MS) {
          for (let seq = 121; seq <= 200; seq++) await log.commit(steps(seq, seq));
          for (let version = 0; version < 199; version++) {
            await destination.remove(entryKey(FOLDER, version));
          }
          await clock.advance(2 * HOUR_MS);
        }
        return await store.putIfAbsent(key, bytes);
      },
    },
  });
  const outcome = await slow.commit(steps(121, 201));
  assert(outcome.outcome === "complete");
  assert.deepEqual([outcome.version, outcome.commits, outcome.conflicts], [200, 1, 1]);
  const { there } = await filesAt(store, FOLDER, { version: 200, checkpoint: 199 });
  assert.equal(there.size, 201);
});

Deno.test("a commit takes two requests, and finds a table that was dropped or written by others meanwhile", async () => {
  const { destination, open } = scene();
  const store = deltaStore(destination);
  const asked: string[] = [];
  const counted = (name: "get" | "list" | "putIfAbsent" | "replace" | "remove") => {
    // deno-lint-ignore no-explicit-any
    return (...args: any[]) => (asked.push(`${name} ${args[0]}`), (store[name] as any)(...args));
  };
  const log = open({
    store: {
      ...{ get: counted("get"), list: counted("list"), putIfAbsent: counted("putIfAbsent") },
      ...{ replace: counted("replace"), remove: counted("remove"), parquet: store.parquet },
    },
  });
  const made = await log.commit(steps(1, 1));
  assert(made.outcome === "complete");
  for (let seq = 2; seq <= 5; seq++) {
    asked.length = 0;
    assert.equal((await log.commit(steps(seq, seq), made)).outcome, "complete");
    assert.deepEqual(asked, [
      `get ${entryKey(FOLDER, seq - 2)}`,
      `putIfAbsent ${entryKey(FOLDER, seq - 1)}`,
    ]);
  }
  // Behind what it knows: the other has record 6, so only record 7 is left.
  await open().commit(steps(6, 6));
  const outcome = await log.commit(steps(6, 7), made);
  assert(outcome.outcome === "complete");
  assert.deepEqual([outcome.version, outcome.commits, outcome.conflicts], [6, 1, 1]);
  for (let version = 6; version >= 0; version--) {
    await destination.remove(entryKey(FOLDER, version));
  }
  assert.deepEqual(await log.commit(steps(8, 8), outcome), { outcome: "another" });
  assert.equal((await readTable(destination)).version, -1);
});

Deno.test("where nothing may be deleted, checkpoints come as ever, and no more of them", async () => {
  const destination = new MemoryDestination();
  const clock = new VirtualClock();
  const store = deltaStore(destination);
  const said: string[] = [];
  const { open } = scene({
    store: { ...store, remove: () => Promise.reject(new PermanentError("Denied")) },
    failedBeside: (what) => void said.push(what),
    clock,
  });
  const log = open();
  for (let seq = 0; seq < 300; seq++) {
    await log.commit(steps(seq, seq));
    if (seq === 210) await clock.advance(8 * 24 * HOUR_MS);
  }
  for (let seq = 300; seq < 310; seq++) await log.commit(steps(seq, seq));
  assert.deepEqual(said, ["cleaning"]);
  assert.deepEqual((await listLog(store, FOLDER, 0)).checkpoints, [99, 199, 299]);
});
