import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "../../scripts/services/free_port.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { assertExactlyOnce, totalOf, waitForFolder } from "./judge.ts";
import { streamingSettings } from "./settings.ts";

Deno.test("SIGHUP takes over batches, level and collections from the file, and a bad file changes nothing", async () => {
  await using writer = createMongoWriter(uniqueName("again"));
  await using place = await createPlace(writer.database);
  await place.write(["mongodbCollections: [orders, gone]", "batchSize: 1000", "batchTimeout: 1h"]);
  const address = `127.0.0.1:${freePort()}`;
  const env = { ...place.env, HTTP_ADDRESS: address };
  await using program = startProgram(["run", "--config", place.file], { env });
  await program.line(/Change stream opened.*orders/);
  await program.line(/Change stream opened.*gone/);
  await writer.insert(["orders", "gone"], 10);

  const better = [
    "mongodbCollections: [orders, items]",
    "batchSize: 20",
    "batchTimeout: 300ms",
    "logLevel: debug",
  ];
  await place.write(better);
  program.kill("SIGHUP");
  const line = await program.line(/Configuration was read again/);
  for (
    const text of ["BATCH_SIZE: 1000 -> 20", "LOG_LEVEL: info -> debug", "gone -> orders,items"]
  ) {
    assert.ok(line.includes(text), line);
  }
  await program.line(/Lock released.*gone.*finished/);
  await program.line(/Change stream opened.*items/);
  await writer.insert(["orders", "items", "gone"], 50);
  await program.line(/"debug".*Object stored.*items/);
  assert.ok(rowsOfBatches(program, "items").every((rows) => rows <= 20));

  await place.write(["batchSize: many", "format: stone"]);
  program.kill("SIGHUP");
  const faults = await program.line(/Configuration has faults; nothing changes/);
  assert.match(faults, /BATCH_SIZE.*FORMAT|FORMAT.*BATCH_SIZE/);
  const ask = async () => (await runProgram(["status", "--url", `http://${address}`])).stdout;
  assert.match(await ask(), / keeps its old settings, those read again are refused\./);
  await place.write([...better, "format: csv"]);
  program.kill("SIGHUP");
  assert.match(await program.line(/wait for a restart/), /"warn".*\["FORMAT"\]/);
  assert.doesNotMatch(await ask(), /refused/);
  await writer.insert(["orders", "items"], 30);

  // Who comes back goes on where it stopped.
  await place.write(["batchTimeout: 300ms", "mongodbCollections: [orders, items, gone]"]);
  program.kill("SIGHUP");
  await waitForFolder(place.lake, totalOf(writer.inserted));
  await assertEndsWhole(program, place.env);
  await assertExactlyOnce(place.lake, writer.inserted);
});

Deno.test("SIGHUP lets a database's stream go on with another filter, as after a restart", async () => {
  await using writer = createMongoWriter(uniqueName("filter"));
  await using place = await createPlace(writer.database);
  await place.write(["batchTimeout: 300ms", 'mongodbCollections: ["!items", "!old"]']);
  await using program = startProgram(["run", "--config", place.file], { env: place.env });
  await program.line(/Change stream opened/);
  await insertUnwatched(writer, "items");
  await writer.insert(["orders"], 300);
  await waitForFolder(place.lake, 300);
  await writer.insert(["orders"], 40);
  await place.write(["batchTimeout: 300ms", 'mongodbCollections: ["!old"]']);
  program.kill("SIGHUP");
  assert.match(await program.line(/Settings changed since/), /\["namespaces"\]/);
  await insertUnwatched(writer, "old");
  await writer.insert(["orders", "items"], 60);
  await waitForFolder(place.lake, totalOf(writer.inserted));
  await assertEndsWhole(program, place.env);
  await assertExactlyOnce(place.lake, writer.inserted);
});

/** A lake, and a settings file that can be written again. */
async function createPlace(database: string) {
  const folder = await Deno.makeTempDir();
  const lake = join(folder, "lake");
  const file = join(folder, "tributary.yaml");
  const { BATCH_TIMEOUT: _, ...settings } = streamingSettings(database);
  return {
    lake,
    file,
    env: { ...settings, DESTINATION: `file://${lake}` },
    write: (lines: readonly string[]) => Deno.writeTextFile(file, lines.join("\n") + "\n"),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Documents that must not come into the lake. */
async function insertUnwatched(
  { client, database }: ReturnType<typeof createMongoWriter>,
  collection: string,
): Promise<void> {
  await client.db(database).collection(collection).insertMany([{ n: -1 }, { n: -2 }]);
}

function rowsOfBatches(program: Program, collection: string): number[] {
  return program.stderr
    .filter((line) => line.includes('"Batch stored"') && line.includes(collection))
    .map((line) => JSON.parse(line).rows);
}

/** The program stops cleanly, and the lake is what the journals say. */
async function assertEndsWhole(
  program: Program,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0, program.stderr.join("\n"));
  const { code, stdout, stderr } = await runProgram(["verify"], { env });
  assert.equal(code, 0, stdout + stderr);
}
