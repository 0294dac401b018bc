import assert from "node:assert/strict";
import { join } from "node:path";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { createRowCounter, downloadLake, queryLake } from "../support/lake.ts";
import { createMongoWriter, type MongoWriter } from "../support/mongo_writer.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { s3Endpoint, uniqueName } from "../support/services.ts";
import { waitForRows } from "./judge.ts";
import { s3Settings, streamingSettings } from "./settings.ts";

/** Far more than it takes. */
const COMPLETE_MS_MAX = 240_000;

const OPENED = /Pipeline started/;

Deno.test("run brings all of a collection that comes and goes while it runs, also twice", async () => {
  await using scene = await createScene("comes", { MONGODB_COLLECTIONS: "t*,!tmp*" });
  const { writer } = scene;
  await writer.insert(["there"], 1);
  await using program = scene.start();
  await program.line(OPENED);
  await writer.insert(["there", "tmp_not", "other"], 10);
  await writer.insert(["temp"], 5000);
  await drop(writer, "temp");
  await writer.insert(["temp"], 500);
  await drop(writer, "temp");
  await writer.insert(["empty"], 1);
  await writer.client.db(writer.database).collection("t_made").insertOne({ n: 0 });
  await scene.complete({ there: 10, temp: 5500, t_made: 1 });
  assert.equal(await scene.rowsOf("temp", "drop"), 2);
  await scene.endsWhole(program);
});

Deno.test("run brings what collections had when it was killed, or did not run", async () => {
  await using scene = await createScene("while", { MONGODB_COLLECTIONS: "*" });
  const { writer } = scene;
  const db = writer.client.db(writer.database);
  await writer.insert(["stays", "goes", "renamed"], 1);
  await using first = scene.start();
  await first.line(OPENED);
  await writer.insert(["stays", "goes", "renamed"], 100);
  await scene.complete({ stays: 100, goes: 100, renamed: 100 });
  await writer.insert(["young"], 101);
  first.kill("SIGKILL");
  await first.ended;
  await writer.insert(["stays", "goes", "renamed", "made", "brief"], 200);
  await drop(writer, "goes");
  await drop(writer, "brief");
  await db.collection("renamed").rename("other");
  await db.collection("other").insertOne({ n: 0 });
  await db.collection("made").drop();
  await writer.insert(["made"], 50);
  await using second = scene.start();
  await second.line(OPENED);
  const sums = { stays: 300, goes: 300, renamed: 300, young: 101, made: 250, brief: 200, other: 1 };
  await scene.complete(sums);
  for (const name of ["goes", "brief", "made"]) {
    assert.equal(await scene.rowsOf(name, "drop"), 1, name);
  }
  await scene.endsWhole(second);
});

Deno.test("run covers collections from the first start on, wherever copies join or follow", async () => {
  await using scene = await createScene("copies", { MONGODB_COLLECTIONS: "c*" });
  const { writer } = scene;
  await writer.insert(["c0"], 1);
  await using first = scene.start();
  await first.line(OPENED);
  const churn = async (round: number) => {
    for (let i = 0; i < 5; i++) {
      await writer.insert([`c_${round}_${i}`], 60);
      if (i % 2 === 0) await drop(writer, `c_${round}_${i}`);
    }
  };
  await churn(1);
  const joining = scene.start();
  await churn(2);
  await joining.line(OPENED);
  first.kill("SIGKILL");
  await churn(3);
  await using third = scene.start();
  joining.kill("SIGTERM");
  await churn(4);
  await joining.ended;
  await third.line(OPENED);
  await churn(5);
  const sums: Record<string, number> = {};
  for (let round = 1; round <= 5; round++) {
    for (let i = 0; i < 5; i++) sums[`c_${round}_${i}`] = 60;
  }
  await scene.complete(sums);
  await scene.endsWhole(third);
});

Deno.test("run divides collections that come and go, and reads all parts to the end", async () => {
  const settings = { MONGODB_COLLECTIONS: "p*", PARTITIONS: "3" };
  await using scene = await createScene("parts", settings);
  const { writer } = scene;
  await using first = scene.start();
  await first.line(OPENED);
  await writer.insert(["p1"], 500);
  await drop(writer, "p1");
  await scene.complete({ p1: 500 });
  first.kill("SIGKILL");
  await first.ended;
  await writer.insert(["p1", "p2"], 500);
  await drop(writer, "p1");
  await drop(writer, "p2");
  await using second = scene.start();
  await scene.complete({ p1: 1000, p2: 500 });
  await scene.endsWhole(second);
});

Deno.test("run takes other patterns: what both want is covered, what is new begins at START_FROM", async () => {
  await using scene = await createScene("globs", { MONGODB_COLLECTIONS: "a*" });
  const { writer } = scene;
  await writer.insert(["a1", "b1"], 1);
  await using first = scene.start();
  await first.line(OPENED);
  await writer.insert(["a1", "b1"], 40);
  await scene.complete({ a1: 40 });
  first.kill("SIGTERM");
  await first.ended;
  await writer.insert(["a1", "b1", "a2", "a3"], 40);
  await drop(writer, "a3");
  await using second = scene.start({ MONGODB_COLLECTIONS: "a*,b*,!a1*" });
  await second.line(OPENED);
  await writer.insert(["b1", "b2"], 30);
  await drop(writer, "b2");
  await scene.complete({ a1: 40, b1: 30, a2: 40, a3: 40, b2: 30 });
  await scene.endsWhole(second);
});

Deno.test("run fills patterns of databases in, and sees databases come and go", async () => {
  const name = uniqueName("many");
  await using scene = await createScene(name, {
    WATCH_LEVEL: "collection",
    MONGODB_DATABASE: "",
    MONGODB_COLLECTIONS: `${name}*.orders`,
  });
  await using program = scene.start();
  await program.line(OPENED);
  await using other = createMongoWriter(`${name}-x`);
  await other.insert(["orders", "items"], 300);
  await other.client.db(other.database).dropDatabase();
  await other.insert(["orders"], 20);
  await using gone = createMongoWriter(`${name}-y`);
  await gone.insert(["orders"], 100);
  await gone.client.db(gone.database).dropDatabase();
  await scene.complete({ orders: 420 });
  assert.equal(await scene.rowsOf("orders", "drop"), 2);
  await scene.endsWhole(program);
});

Deno.test("run brings all of a collection that is made, filled and dropped while S3 is away", async () => {
  const bucket = uniqueName("stall");
  await ensureBucket(bucket);
  const { hostname, port } = new URL(s3Endpoint());
  await using proxy = new FaultProxy({ target: { hostname, port: Number(port) }, seed: 3 });
  const settings = {
    ...s3Settings(bucket, "lake", proxy.url),
    MONGODB_COLLECTIONS: "*",
  };
  await using scene = await createScene("stall", settings);
  const { writer } = scene;
  await using program = scene.start({ MAX_RETRIES: "1", BATCH_SIZE: "1000" });
  await program.line(OPENED);
  proxy.setMode({ kind: "refuse" });
  await writer.insert(["temp"], 20_000);
  await drop(writer, "temp");
  await program.line(/What becomes of collections could not be read/);
  proxy.setMode({ kind: "pass" });
  // The inserts and the drop: read by name, no stream has a row of an invalidate.
  await waitForRows(20_001, createRowCounter(bucket, "lake/"));
  await scene.endsWhole(program);
  await downloadLake(bucket, "lake/", scene.lake);
  await scene.complete({ temp: 20_000 });
});

Deno.test("SIGHUP takes other patterns over without losing what both want", async () => {
  await using scene = await createScene("hup", {});
  const { writer } = scene;
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  const setPatterns = (list: string) => Deno.writeTextFile(file, `mongodbCollections: [${list}]\n`);
  try {
    await setPatterns("a*");
    await writer.insert(["a1", "b1"], 1);
    await using program = scene.start({ TRIBUTARY_CONFIG: file });
    await program.line(OPENED);
    await writer.insert(["a1", "b1"], 30);
    // What is wanted no more is read as far as it was read then.
    await scene.complete({ a1: 30 });
    await setPatterns("a*, b*, '!a1*'");
    program.kill("SIGHUP");
    await writer.insert(["a2"], 50);
    await drop(writer, "a2");
    await program.line(/Change stream opened.*b1/);
    await writer.insert(["b1", "b2"], 20);
    await drop(writer, "b2");
    await scene.complete({ a1: 30, b1: 20, a2: 50, b2: 20 });
    await scene.endsWhole(program);
  } finally {
    await Deno.remove(file);
  }
});

interface Scene extends AsyncDisposable {
  readonly writer: MongoWriter;
  /** The folder of the lake, where it is one. */
  readonly lake: string;
  start(env?: Record<string, string>): Program;
  /** Waits until each of the collections has exactly so many inserts, none twice, and there are no others. */
  complete(inserts: Readonly<Record<string, number>>): Promise<void>;
  rowsOf(collection: string, operation: string): Promise<number>;
  endsWhole(program: Program): Promise<void>;
}

async function createScene(name: string, settings: Record<string, string>): Promise<Scene> {
  const writer = createMongoWriter(uniqueName(name));
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const env = {
    ...streamingSettings(writer.database),
    WATCH_LEVEL: "collection",
    DESTINATION: `file://${lake}`,
    STATE_STORE: `file://${join(folder, "state")}`,
    ...settings,
  };
  const counts = (where: string) => countRows(lake, where);
  return {
    writer,
    lake,
    start: (more = {}) => startProgram(["run"], { env: { ...env, ...more } }),
    async complete(inserts) {
      let seen: unknown;
      const wanted = JSON.stringify(Object.entries(inserts).sort());
      const isReached = await waitUntil(systemClock, COMPLETE_MS_MAX, async () => {
        seen = await counts("operation = 'insert'");
        return JSON.stringify(seen) === wanted ? true : undefined;
      });
      assert.ok(isReached, `the lake has ${JSON.stringify(seen)}, not ${wanted}`);
    },
    async rowsOf(collection, operation) {
      const rows = await counts(`operation = '${operation}' AND collection = '${collection}'`);
      return rows[0]?.[1] ?? 0;
    },
    async endsWhole(program) {
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
      const verified = await runProgram(["verify"], { env });
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    },
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Rows by collection, in order; a row that is there twice makes the number a text. */
async function countRows(lake: string, where: string): Promise<[string, number][]> {
  try {
    const rows = await queryLake(
      lake,
      `SELECT collection, count(*) AS rows, count(DISTINCT resume_token) AS tokens
       FROM lake WHERE ${where} GROUP BY collection ORDER BY collection`,
    );
    return rows.map(({ collection, rows: all, tokens }) => {
      assert.equal(all, tokens, `${collection} has events twice`);
      return [String(collection), Number(all)];
    });
  } catch (error) {
    // DuckDB's words where no file matches yet.
    if (error instanceof Error && /No files found/.test(error.message)) return [];
    throw error;
  }
}

async function drop(writer: MongoWriter, collection: string): Promise<void> {
  await writer.client.db(writer.database).collection(collection).drop();
}
