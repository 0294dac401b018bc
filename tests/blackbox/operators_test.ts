import assert from "node:assert/strict";
import { freePort } from "../../scripts/services/free_port.ts";
import { join } from "node:path";
import { createMongoWriter, type MongoWriter } from "../support/mongo_writer.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForFolder } from "./judge.ts";
import { streamingSettings } from "./settings.ts";

const COLLECTIONS = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];

Deno.test("collections at work are retired to one place, and their database goes on there", async () => {
  await using at = await place();
  await using running = at.start(COLLECTIONS);
  for (const _ of COLLECTIONS) await running.line(/Change stream opened/);
  let isOver = false;
  const load = (async () => {
    while (!isOver) await at.writer.insert(COLLECTIONS, 10);
  })();
  await waitForFolder(at.lake, 80);
  // One is retired by itself, at another place than the others.
  const alone = await at.verb("layout", "retire", at.nameOf("c1"));
  assert.equal(alone.code, 0, alone.stderr);
  const all = await at.verb("layout", "retire", ...COLLECTIONS.map(at.nameOf));
  assert.equal(all.code, 0, all.stderr);
  assert.match(all.stdout, /goes on exactly there/);
  isOver = true;
  await load;
  running.kill("SIGTERM");
  await running.ended;
  await at.finishAs({ WATCH_LEVEL: "database", MONGODB_COLLECTIONS: "" });
  assert.equal((await at.verb("verify")).code, 0);
});

Deno.test("a collection that is divided and moved at once goes on, with a gap that is named", async () => {
  await using at = await place();
  await at.writer.insert(["c1"], 100);
  await using running = at.start(["c1"]);
  await running.line(/Change stream opened/);
  await at.writer.insert(["c1"], 100);
  await waitForFolder(at.lake, 100);
  running.kill("SIGTERM");
  await running.ended;
  const name = at.nameOf("c1");
  assert.equal((await at.verb("layout", "set", name, "2")).code, 0);
  await at.writer.insert(["c1"], 100);
  const moved = await at.verb("position", "set", name, "now", "--force");
  assert.equal(moved.code, 0, moved.stderr);
  assert.match(moved.stdout, /ends there, because it is divided anew/);
  await using next = at.start(["c1"]);
  await waitForFolder(at.lake, 200);
  next.kill("SIGTERM");
  assert.equal((await next.ended).code, 0);
  const layouts = await at.verb("layout", "show");
  assert.match(layouts.stdout, /2/);
});

Deno.test("a journal whose first records are gone is adopted while the program runs, and nothing is lost or twice", async () => {
  await using at = await place();
  for (const _ of [1, 2, 3]) {
    await using program = at.start(["c1"]);
    await program.line(/Change stream opened/);
    await at.writer.insert(["c1"], 50);
    await waitForFolder(at.lake, totalOf(at.writer.inserted));
    program.kill("SIGTERM");
    await program.ended;
  }
  const journal = join(at.lake, "_tributary/streams", `collection.${at.writer.database}.c1`);
  for (const seq of [0, 1, 2]) await Deno.remove(join(journal, `000000000000000${seq}.json`));
  const name = `collection:${at.nameOf("c1")}`;
  const http = `127.0.0.1:${freePort()}`;
  const env = { ...at.envOf(["c1"]), HTTP_ADDRESS: http, DISTRIBUTED_LOCK_RETRY_INTERVAL: "500ms" };
  await using program = startProgram(["run"], { env });
  await program.line(
    /Stream needs a person; it is tried again.*tributary position adopt collection:/,
  );
  const health = await fetch(`http://${http}/health`);
  const { status, processing_status } = await health.json();
  assert.deepEqual([health.status, status, processing_status], [200, "degraded", "failed"]);
  assert.equal((await fetch(`http://${http}/ready`)).status, 503);
  const metrics = await (await fetch(`http://${http}/metrics`)).text();
  assert.match(metrics, /tributary_streams_failing\{permanent="true",[^}]*\} 1\n/);
  // It is mended under the running program, which goes on by itself.
  const adopted = await at.verb("position", "adopt", name);
  assert.equal(adopted.code, 0, adopted.stderr);
  assert.match(adopted.stdout, /3 records of its journal were gone/);
  await program.line(/Change stream opened/);
  await at.writer.insert(["c1"], 50);
  await waitForFolder(at.lake, totalOf(at.writer.inserted));
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
  await at.writer.insert(["c1"], 50);
  await at.finishAs({ MONGODB_COLLECTIONS: "c1" });
  const verified = await at.verb("verify");
  assert.equal(verified.code, 1);
  assert.match(verified.stdout, /the records 0 to 2 of this journal were deleted/);
});

interface Place extends AsyncDisposable {
  readonly lake: string;
  readonly writer: MongoWriter;
  nameOf(collection: string): string;
  envOf(collections: readonly string[]): Record<string, string>;
  start(collections: readonly string[]): Program;
  verb(...args: string[]): ReturnType<typeof runProgram>;
  /** Runs with these settings until everything is there, and judges it. */
  finishAs(changed: Record<string, string>): Promise<void>;
}

async function place(): Promise<Place> {
  const writer = createMongoWriter(uniqueName("operators"));
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const env: Record<string, string> = {
    ...streamingSettings(writer.database),
    WATCH_LEVEL: "collection",
    MONGODB_COLLECTIONS: COLLECTIONS.join(","),
    DESTINATION: `file://${lake}`,
  };
  const envOf = (collections: readonly string[]) => ({
    ...env,
    MONGODB_COLLECTIONS: collections.join(","),
  });
  return {
    lake,
    writer,
    nameOf: (collection) => `${writer.database}.${collection}`,
    envOf,
    start: (collections) => startProgram(["run"], { env: envOf(collections) }),
    verb: (...args) => runProgram(args, { env }),
    async finishAs(changed) {
      await using program = startProgram(["run"], { env: { ...env, ...changed } });
      await waitForFolder(lake, totalOf(writer.inserted));
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
      await assertExactlyOnce(lake, writer.inserted);
    },
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
