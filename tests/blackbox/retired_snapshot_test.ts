/** Collections that are retired before their snapshots are complete, and a stream of their database that follows them. */
import assert from "node:assert/strict";
import { COMPLETE_MS_MAX, snapshotPlace } from "./snapshot_place.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { queryLake } from "../support/lake.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";

const WATCHED = ["orders", "items"];
const NAMES = [...WATCHED, "never_watched"];
const DOCUMENTS = 10_000;
/** So slow that nobody comes to the end before it is told to stop. */
const SLOWLY = { SNAPSHOT_RATE_MAX: "1000", BATCH_SIZE: "200" };

Deno.test("what collections had not read when they were retired is read with the stream of their database, and what nobody watched", async () => {
  await using at = await snapshotPlace();
  for (const name of NAMES) {
    const documents = Array.from({ length: DOCUMENTS }, (_, n) => ({ n }));
    await at.db.collection(name).insertMany(documents);
  }
  const own = { ...at.env, MONGODB_COLLECTIONS: WATCHED.join(",") };
  {
    await using first = startProgram(["run"], { env: { ...own, ...SLOWLY } });
    await first.line(/Batch stored.*snapshot:/, COMPLETE_MS_MAX);
    await change(1);
    await stopped(first);
  }
  const words = WATCHED.map((name) => `${at.db.databaseName}.${name}`);
  const retired = await runProgram(["layout", "retire", ...words], { env: own });
  assert.equal(retired.code, 0, retired.stderr);
  assert.match(retired.stdout, /^Not complete: .*\.initial.* now reads the rest/m);
  await change(2);
  await using second = startProgram(["run"], { env: { ...at.env, WATCH_LEVEL: "database" } });
  await change(3);
  const states = await waitUntil(systemClock, COMPLETE_MS_MAX, async () => {
    const { stdout } = await runProgram(["snapshot", "status", "--json"], { env: at.env });
    const shown: { readonly id: string; readonly state: string }[] = JSON.parse(stdout);
    const isRest = shown.some(({ id }) => id.endsWith(".rest"));
    return isRest && shown.every(({ state }) => state === "complete") ? shown : undefined;
  });
  assert(states !== undefined, "the snapshots are not complete");
  await change(4);
  await reached(at.lake, 4);
  await at.finish(second);
  for (const name of NAMES) {
    const documents = await at.db.collection(name).find({}, { promoteValues: false }).toArray();
    const stayed = documents.filter(({ n }) => Number(n) >= 100 && Number(n) < DOCUMENTS);
    await at.assertState(name, documents, stayed.map(({ _id }) => _id));
  }

  async function change(round: number): Promise<void> {
    for (const name of NAMES) {
      const collection = at.db.collection(name);
      await collection.updateMany({ n: { $lt: 10 * round } }, { $set: { round } });
      await collection.deleteMany({ n: { $gte: 20 + 5 * round, $lt: 23 + 5 * round } });
      await collection.insertOne({ n: DOCUMENTS + round });
    }
  }
});

Deno.test("a database is not retired before its snapshot is at its end, and it is said how to go on", async () => {
  await using at = await snapshotPlace({
    ...{ WATCH_LEVEL: "database", SNAPSHOT_RATE_MAX: "50", BATCH_SIZE: "20" },
  });
  await at.db.collection("orders").insertMany(
    Array.from({ length: DOCUMENTS }, (_, n) => ({ n })),
  );
  const id = `database.${at.db.databaseName}.initial`;
  await using program = at.start();
  await program.line(/Batch stored.*snapshot:/, COMPLETE_MS_MAX);
  const retire = () =>
    runProgram(["layout", "retire", `database:${at.db.databaseName}`], { env: at.env });
  const refused = await retire();
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, new RegExp(`${id} is running.*snapshot cancel ${id}`));
  const cancelled = await runProgram(["snapshot", "cancel", id], { env: at.env });
  assert.equal(cancelled.code, 0, cancelled.stderr);
  await program.line(/snapshot is cancelled/, COMPLETE_MS_MAX);
  const retired = await retire();
  assert.equal(retired.code, 0, retired.stderr);
  await at.finish(program);
});

/** Waits until what was changed last in a round is in the lake. */
async function reached(lake: string, round: number): Promise<void> {
  const sql = `SELECT DISTINCT collection FROM lake WHERE operation = 'insert'
    AND (full_document ->> '$.n') = '${DOCUMENTS + round}'`;
  const found = await waitUntil(systemClock, COMPLETE_MS_MAX, async () => {
    return (await queryLake(lake, sql)).length === NAMES.length ? true : undefined;
  });
  assert(found, `not all changes of round ${round} are in the lake`);
}

async function stopped(program: Program): Promise<void> {
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
}
