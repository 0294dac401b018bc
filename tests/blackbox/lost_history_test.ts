/** History that is lost, and read again: what was deleted meanwhile is gone for readers, too. */
import assert from "node:assert/strict";
import type { Db } from "mongodb";
import { runProgram, startProgram } from "../support/program.ts";
import { type ForgetfulMongod, startForgetfulMongod } from "../support/forgetful_mongod.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { queryLake } from "../support/lake.ts";
import { sourceSettings } from "./settings.ts";
import { assertSameState } from "../support/snapshot_state.ts";

/** Far more than it takes, for slow machines. */
const LIMIT_MS = 300_000;
const DOCUMENTS = 500;

Deno.test("after lost history all documents are read again, and those that were deleted meanwhile are gone", async () => {
  await using server = await startForgetfulMongod();
  const db = server.client.db("shop");
  const lake = await Deno.makeTempDir();
  const env = {
    ...{ ...sourceSettings("shop"), MONGODB_URI: server.url, DESTINATION: `file://${lake}` },
    ...{ BATCH_SIZE: "100", SNAPSHOT: "initial", ON_HISTORY_LOST: "snapshot" },
  };
  for (const name of ["orders", "items", "dropped"]) {
    await db.collection(name).insertMany(Array.from({ length: DOCUMENTS }, (_, n) => ({ n })));
  }
  try {
    {
      await using program = startProgram(["run"], { env });
      await program.line(/snapshot is complete.*\.initial"/, LIMIT_MS);
      program.kill("SIGKILL");
      await program.ended;
    }
    await loseHistory(server, db);
    {
      // The snapshot is announced, and perhaps more; then nothing.
      await using program = startProgram(["run"], { env });
      await isAnnounced(lake);
      program.kill("SIGKILL");
      await program.ended;
    }
    await using program = startProgram(["run"], { env });
    await program.line(/snapshot is complete.*gap-/, LIMIT_MS);
    await db.collection("orders").deleteOne({ n: 300 });
    await db.collection("orders").insertOne({ n: -2 });
    await stored(lake, `operation = 'insert' AND (full_document ->> '$.n') = '-2'`);
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
    const lost = { database: "shop", ends: `${lake}/_tributary/snapshot` };
    for (const name of ["orders", "items", "dropped"]) {
      const documents = await db.collection(name).find({}, { promoteValues: false }).toArray();
      await assertSameState(lake, name, documents, lost);
    }
    await assertPrinted(lake, db, env);
    await assertOneSnapshot(lake);
    // The gap is named for ever.
    const verified = await runProgram(["verify", "--read"], { env });
    assert.equal(verified.code, 1, verified.stdout + verified.stderr);
    const whole = verified.stdout.match(/^snapshot:.*: whole;/gm) ?? [];
    assert.equal(whole.length, 2, verified.stdout);
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});

/** Changes that nobody sees. */
async function loseHistory(server: ForgetfulMongod, db: Db): Promise<void> {
  const orders = db.collection("orders");
  await orders.deleteMany({ n: { $lt: 100 } });
  await orders.updateMany({ n: { $gte: 450 } }, { $set: { changed: true } });
  await orders.insertOne({ n: -1 });
  await db.collection("items").drop();
  await db.collection("items").insertOne({ n: 1 });
  await db.collection("dropped").drop();
  await server.forget();
}

/** Waits until the lake has a row. */
async function stored(lake: string, condition: string): Promise<void> {
  const found = await waitUntil(systemClock, LIMIT_MS, async () => {
    const [row] = await queryLake(lake, `SELECT count(*) AS rows FROM lake WHERE ${condition}`);
    return Number(row!["rows"]) > 0 ? true : undefined;
  });
  assert(found, `no row where ${condition}`);
}

/** Waits until a snapshot is announced because of a loss. */
async function isAnnounced(lake: string): Promise<void> {
  const found = await waitUntil(systemClock, LIMIT_MS, async () => {
    const files = await Array.fromAsync(Deno.readDir(`${lake}/_tributary/snapshot`));
    return files.some(({ name }) => /\.gap-\d+\.intent\.json$/.test(name)) ? true : undefined;
  });
  assert(found, "no snapshot is announced");
}

/** The query that is filled in for this lake leaves out what was deleted in the gap, too. */
async function assertPrinted(
  lake: string,
  db: Db,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { stdout, stderr } = await runProgram(["status", "--sql"], { env });
  assert.match(stdout, /behind the beginning of a complete snapshot is gone/, stderr);
  const rows = await queryLake(lake, stdout.replaceAll("COLLECTION", "orders"));
  assert.equal(rows.length, await db.collection("orders").countDocuments());
}

/** Of all runs together one snapshot was announced. */
async function assertOneSnapshot(lake: string): Promise<void> {
  const names = await Array.fromAsync(Deno.readDir(`${lake}/_tributary/snapshot`), (e) => e.name);
  const ended = names.filter((name) => /\.gap-\d+\.end\.json$/.test(name));
  assert.equal(ended.length, 1, names.join(" "));
}
