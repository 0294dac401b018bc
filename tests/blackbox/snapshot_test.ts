import assert from "node:assert/strict";
import { type Collection, MaxKey, MinKey } from "mongodb";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { createRowCounter, downloadLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { uniqueName } from "../support/services.ts";
import { assertOneRowEach, assertSameState } from "../support/snapshot_state.ts";
import { waitForRows } from "./judge.ts";
import { s3Settings, sourceSettings } from "./settings.ts";

const DOCUMENTS = 4_000;
const NAMES = ["orders", "items"];
const KILLS = 4;
const COMPLETE_MS_MAX = 120_000;
const ODD_IDS = [new MinKey(), null, NaN, -5, "B", { b: 1, "0": 2 }, true, new MaxKey()];

Deno.test("documents of before and changes meanwhile give the state of each document, over kills", async () => {
  const bucket = uniqueName("snapshot");
  await ensureBucket(bucket);
  await using writer = createMongoWriter(uniqueName("snapshot"));
  const db = writer.client.db(writer.database);
  const folder = await Deno.makeTempDir();
  const env = {
    ...sourceSettings(writer.database),
    ...s3Settings(bucket, "lake"),
    ...{ MONGODB_COLLECTIONS: NAMES.join(","), SNAPSHOT: "initial", BATCH_SIZE: "300" },
  };
  try {
    await writer.insert(NAMES, DOCUMENTS);
    await db.collection("orders").insertMany(ODD_IDS.map((_id) => ({ _id, n: -1 })) as never, {
      // Else the driver replaces an `_id` of null.
      forceServerObjectId: true,
    });
    const stop = new AbortController();
    const changing: Promise<number>[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      await using program = startProgram(["run"], { env });
      await program.line(/Batch stored.*snapshot:/);
      if (kill === 0) {
        changing.push(...NAMES.map((name) => change(db.collection(name), stop.signal)));
      }
      program.kill("SIGKILL");
      await program.ended;
    }
    await using last = startProgram(["run"], { env });
    for (const name of NAMES) {
      await last.line(new RegExp(`snapshot is complete.*\\.${name}"`), COMPLETE_MS_MAX);
    }
    stop.abort();
    const changes = (await Promise.all(changing)).reduce((sum, each) => sum + each, 0);
    await waitForRows(changes, createRowCounter(bucket, "lake/"));
    last.kill("SIGTERM");
    assert.equal((await last.ended).code, 0);
    await downloadLake(bucket, "lake/", folder);
    for (const name of NAMES) {
      const documents = await db.collection(name).find({}, { promoteValues: false }).toArray();
      await assertSameState(folder, name, documents);
      const stayed = documents.filter(({ n }) => Number(n) < DOCUMENTS).map(({ _id }) => _id);
      await assertOneRowEach(folder, name, stayed);
    }
    const verified = await runProgram(["verify", "--read"], { env });
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Inserts, changes and deletes until it is told to stop; answers how many events that makes. */
async function change(collection: Collection, stop: AbortSignal): Promise<number> {
  let events = 0;
  for (let n = 0; !stop.aborted; n++) {
    await collection.insertOne({ n: DOCUMENTS + n, text: "new" });
    const updated = await collection.updateOne({ n: (n * 37) % DOCUMENTS }, { $set: { at: n } });
    const deleted = await collection.deleteOne({ n: (n * 101) % DOCUMENTS });
    events += 1 + updated.modifiedCount + deleted.deletedCount;
    await sleep(systemClock, 5, stop).catch(() => {}); // Others want to write as well.
  }
  return events;
}
