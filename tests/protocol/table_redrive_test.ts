/** Rows of dead letters that were redriven are in the table: each once, whoever follows, and only when they are there. */
import assert from "node:assert/strict";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { createObjectRedrives } from "../../src/journal/letters/object_redrives.ts";
import { findLetters } from "../../src/journal/letters/find_letters.ts";
import { readLetters } from "../../src/journal/letters/read_letters.ts";
import { ENCODER_VERSION } from "../../src/model/columns.ts";
import { TransientError } from "../../src/model/errors.ts";
import { redriveLetters } from "../../src/operate/redrive.ts";
import type { Sink } from "../../src/pipeline/sink.ts";
import { createObjectSink } from "../../src/sink/object_sink.ts";
import { hintKey } from "../../src/table/follow/table_hint.ts";
import { NO_HOLES } from "../../src/table/table_log.ts";
import { holesOf } from "../../src/table/table_properties.ts";
import { choosyEncoder } from "../support/choosy_encoder.ts";
import { readIceberg } from "../support/iceberg_world.ts";
import { LakeWorld } from "../support/lake_world.ts";
import {
  FOLDER,
  follower,
  pathsInJournal,
  readTable,
  TABLE_SETTINGS,
  turnToEnd,
  write,
} from "../support/table_world.ts";

/** Two records of four events each, of which those with odd numbers are dead letters. */
async function lakeWithLetters(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(8);
  const encoder = choosyEncoder(world.clock, (number) => number % 2 === 1);
  const batch = { rowsMax: 4, bytesMax: 1 << 20, objectsMax: 9 };
  await world.instance({ settings: TABLE_SETTINGS, encoder, options: { batch } }).runToEnd();
  return world;
}

async function redrive(
  { lake, destination, clock }: LakeWorld,
  deliver: Sink["deliver"] = createObjectSink(destination).deliver,
): Promise<void> {
  for await (const file of findLetters({ lake, destination }, {})) {
    const sink = createObjectSink(destination);
    await redriveLetters(
      {
        sink: {
          deliver,
          head: (key) => sink.head(key),
          keyFault: (key) => sink.keyFault(key),
        },
        journal: createObjectJournal(lake),
        redrives: createObjectRedrives(lake),
        encoder: createInlineEncoder(clock),
        ...{ encoderVersion: ENCODER_VERSION, redact: [], by: "operator" },
        removeFields: (event) => event,
        now: () => "2026-11-20T18:00:00.000Z",
      },
      file,
      await readLetters(destination, file),
    );
  }
}

/** Those that the journal names, and those of the redrives. */
async function expected(world: LakeWorld): Promise<string[]> {
  const keys = await world.destination.list(`${FOLDER}/`, { limit: 1000 });
  const redriven = keys.filter((key) => key.includes(".redriven."))
    .map((key) => key.slice(FOLDER.length + 1));
  return [...await pathsInJournal(world), ...redriven].sort();
}

async function assertTable(world: LakeWorld): Promise<void> {
  const { paths, sizes } = await readTable(world.destination);
  assert.deepEqual([...paths].sort(), (await expected(world)).map((path) => [path, 1]));
  for (const [path, bytes] of sizes) {
    assert.equal((await world.destination.head(`${FOLDER}/${path}`))?.bytes, bytes);
  }
}

Deno.test("rows of redriven letters come into the table once, also for who knows nothing of it", async () => {
  const world = await lakeWithLetters();
  const tables = follower(world);
  await turnToEnd(tables);
  await redrive(world);
  assert.equal((await expected(world)).length, 4);
  for (const each of [tables, follower(world), follower(world)]) {
    await turnToEnd(each);
    await turnToEnd(each);
    await assertTable(world);
  }
  const { version } = await readTable(world.destination);
  await write(world, 3);
  await turnToEnd(follower(world));
  await assertTable(world);
  assert.equal((await readTable(world.destination)).version, version + 1);
});

for (const format of ["delta", "iceberg"] as const) {
  Deno.test(`a table of ${format} says of how many dead letters it has rows by now, whenever it was made`, async () => {
    const world = await lakeWithLetters();
    await turnToEnd(follower(world, { format }));
    const said = async () => {
      const read = format === "delta" ? readTable : readIceberg;
      return holesOf((await read(world.destination)).configuration);
    };
    assert.deepEqual(await said(), { ...NO_HOLES, deadLetters: 4 });
    await redrive(world);
    await turnToEnd(follower(world, { format }));
    await turnToEnd(follower(world, { format }));
    const redriven = { ...NO_HOLES, deadLetters: 4, redrivenLetters: 4 };
    assert.deepEqual(await said(), redriven);
    const folder = format === "delta" ? "_delta_log/" : "metadata/";
    for (const key of await world.destination.list(`${FOLDER}/${folder}`, { limit: 100 })) {
      await world.destination.remove(key);
    }
    await world.destination.remove(hintKey(format));
    await turnToEnd(follower(world, { format }));
    assert.deepEqual(await said(), redriven);
  });
}

Deno.test("a table that is made after the redrive, or anew, has its rows as well", async () => {
  const world = await lakeWithLetters();
  await redrive(world);
  const tables = follower(world);
  await turnToEnd(tables);
  await assertTable(world);
  for (const key of await world.destination.list(`${FOLDER}/_delta_log/`, { limit: 100 })) {
    await world.destination.remove(key);
  }
  await write(world, 3);
  await turnToEnd(tables);
  await assertTable(world);
});

Deno.test("a redrive that crashed before its objects waits, and has the bytes of who finished it", async () => {
  const world = await lakeWithLetters();
  const tables = follower(world);
  await turnToEnd(tables);
  const lost = () => Promise.reject(new TransientError("The answer is lost"));
  await assert.rejects(redrive(world, lost), TransientError);
  await turnToEnd(tables);
  assert.equal((await readTable(world.destination)).paths.size, 2);
  const { deliver } = createObjectSink(world.destination);
  await redrive(world, (key, bytes, crc32) => deliver(key, new Uint8Array([...bytes, 0]), crc32));
  await turnToEnd(tables);
  await assertTable(world);
  assert.equal((await readTable(world.destination)).paths.size, 4);
});
