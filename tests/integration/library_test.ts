/** The library's face, as a program of somebody else's uses it. */
import assert from "node:assert/strict";
import process from "node:process";
import { MongoClient } from "mongodb";
import { check, PermanentError, runPipeline, type SettingsGiven, verify } from "../../mod.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { eventually } from "../support/eventually.ts";
import { mongodbUri, uniqueName } from "../support/services.ts";
import { leastEnvironment } from "../support/source_program.ts";
import { ROOT } from "../support/tidy/source_file.ts";

Deno.test("the example streams a collection, says how far it is, and ends when it is told to", async () => {
  await using world = await open();
  const { database, lake, insert } = world;
  await insert(1);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      "--unstable-worker-options",
      "examples/library.ts",
    ],
    cwd: ROOT,
    env: {
      ...leastEnvironment(),
      ...{ MONGODB_URI: mongodbUri(), DESTINATION: `file://${lake}`, COLLECTION: `${database}.a` },
    },
    clearEnv: true,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let told = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) told += text;
  })();
  await eventually(() => /Change stream opened/.test(told));
  await insert(3);
  await eventually(() => new RegExp(`${database}.a: 3 events, \\d`).test(told));
  child.kill("SIGINT");
  assert.equal((await child.status).code, 0);
  await reading;
  assert.match(told, /Ended: stopped/);
});

Deno.test("pipelines of one process stream beside each other, pause and go on", async () => {
  await using world = await open();
  const { settings, insert } = world;
  const before = { globals: Object.getOwnPropertyNames(globalThis), log: console.log };
  const listeners = process.listenerCount("SIGTERM");
  const [a, b] = await Promise.all([
    runPipeline(settings("a", "x")),
    runPipeline(settings("a", "y")),
  ]);
  const events = (one: typeof a) => one.status().streams[0]!.events;
  // A first start begins with what happens from then on.
  const reads = (one: typeof a) => one.status().streams[0]?.condition === "running";
  await eventually(() => reads(a) && reads(b));
  await insert(4);
  await eventually(() => events(a) === 4 && events(b) === 4);
  const [{ name }] = a.status().streams as unknown as [{ name: string }];
  assert.equal(await a.pause(name), "done");
  await eventually(() => a.status().streams[0]!.condition === "paused");
  await insert(2);
  await eventually(() => events(b) === 6);
  assert.equal(await a.resume(name), "done");
  assert.equal(await a.flush("nothing"), "unknown");
  await eventually(() => reads(a));
  const stored = async () => (await verify(settings("a", "x"))).streams[0]!.rows;
  assert(await waitUntil(systemClock, 240_000, async () => await stored() === 6 || undefined));
  await Promise.all([a.stop(), b.stop()]);
  assert.deepEqual([await a.done, await b.done], ["stopped", "stopped"]);
  await assert.rejects(
    a.pause(name),
    /^PermanentError: Cannot pause .*: the pipeline is stopped; /,
  );
  assert.equal(console.log, before.log);
  const added = Object.getOwnPropertyNames(globalThis).filter((n) => !before.globals.includes(n));
  // The AWS SDK leaves its own mark.
  assert.deepEqual(added.filter((name) => name !== "awslambda"), []);
  assert.equal(process.listenerCount("SIGTERM"), listeners);
  const report = await verify(settings("a", "x"), { read: true });
  assert.equal(report.streams.length, 1);
  assert.deepEqual(report.streams.map(({ rows }) => rows), [6]);
});

Deno.test("a signal stops a pipeline that runs, as its handle does", async () => {
  await using world = await open();
  const abort = new AbortController();
  const one = await runPipeline(world.settings("a", "x"), { signal: abort.signal });
  abort.abort();
  assert.equal(await one.done, "stopped");
});

Deno.test("check finds what fits, and all faults of wrong settings are one error", async () => {
  await using world = await open();
  const findings = await check(world.settings("a", "x"));
  assert.deepEqual([...new Set(findings.map(({ state }) => state))].sort(), ["ok", "warning"]);
  const wrong = { mongodbUri: "mongodb://u:hidden@h/", batchSize: 0, destination: "ftp://x" };
  await assert.rejects(runPipeline(wrong), (error: unknown) => {
    assert.ok(error instanceof PermanentError);
    assert.match(error.message, /BATCH_SIZE = "0" +\(program batchSize\)/);
    assert.match(error.message, /DESTINATION = "ftp:/);
    assert.doesNotMatch(error.message, /hidden/);
    return true;
  });
  const unknown = { ...world.settings("a", "x"), batchsize: 1 } as SettingsGiven;
  await assert.rejects(runPipeline(unknown), /batchsize.*\n.*no such setting.*\n.*batchSize/i);
});

Deno.test("importing the library needs no permission and leaves nothing behind", async () => {
  const code = 'import "tributary"; console.log(typeof (await import("tributary")).runPipeline);';
  const file = await Deno.makeTempFile({ dir: `${ROOT}examples`, suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, code);
    const args = ["run", "--no-prompt", "--quiet", "--no-check", "--config", `${ROOT}deno.json`];
    const { code: exit, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args, file],
      env: leastEnvironment(),
      clearEnv: true,
    }).output();
    assert.equal(exit, 0, new TextDecoder().decode(stderr));
    assert.equal(new TextDecoder().decode(stdout), "function\n");
  } finally {
    await Deno.remove(file);
  }
});

async function open() {
  const client = new MongoClient(mongodbUri());
  const database = uniqueName("library");
  const lake = await Deno.makeTempDir();
  await client.db(database).createCollection("a");
  return {
    database,
    lake,
    settings: (collection: string, folder: string): SettingsGiven => ({
      ...{ mongodbUri: mongodbUri(), snapshot: "off" as const },
      mongodbCollections: [`${database}.${collection}`],
      destination: `file://${lake}/${folder}`,
      pipelineName: uniqueName("library"),
      batchTimeout: "100ms",
      batchSize: 1000,
    }),
    async insert(count: number) {
      const documents = Array.from({ length: count }, (_, n) => ({ n }));
      await client.db(database).collection("a").insertMany(documents);
    },
    async [Symbol.asyncDispose]() {
      await client.db(database).dropDatabase();
      await client.close();
      await Deno.remove(lake, { recursive: true });
    },
  };
}
