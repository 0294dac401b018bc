/** Documents that come with the name of a collection, by a rename or by `$out`: the stream has no events of them. */
import assert from "node:assert/strict";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { assertSameState } from "../support/snapshot_state.ts";
import { sourceSettings } from "./settings.ts";

/** Far more than it takes, for slow machines. */
const LIMIT_MS = 300_000;

const STREAMS = {
  "a database": { WATCH_LEVEL: "database" },
  "collections": { MONGODB_COLLECTIONS: "orders,items" },
  "collections with change streams of their own": {
    MONGODB_COLLECTIONS: "orders,items",
    READING: "own",
  },
};

for (const [what, settings] of Object.entries(STREAMS)) {
  Deno.test(`documents that come by a rename or by $out are read, in the streams of ${what}`, async () => {
    await using writer = createMongoWriter(uniqueName("renamed"));
    const db = writer.client.db(writer.database);
    const lake = await Deno.makeTempDir();
    const env = {
      ...{ ...sourceSettings(writer.database), DESTINATION: `file://${lake}`, BATCH_SIZE: "100" },
      ...{ SNAPSHOT: "initial", ...settings },
    };
    for (const name of ["orders", "items"]) {
      await db.collection(name).insertMany(Array.from({ length: 250 }, (_, n) => ({ n })));
    }
    try {
      await using program = startProgram(["run"], { env });
      await ended(lake, what === "a database" ? 1 : 2, ".initial.end.json");
      await db.collection("orders_new").insertMany(
        Array.from({ length: 130 }, (_, n) => ({ n: -1 - n })),
      );
      await db.collection("orders_new").rename("orders", { dropTarget: true });
      await ended(lake, 1);
      const stages = [{ $match: { n: { $gt: 100 } } }, { $set: { out: true } }, { $out: "items" }];
      await db.collection("items").aggregate(stages).toArray();
      await ended(lake, 2);
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0);
      for (const name of ["orders", "items"]) {
        const documents = await db.collection(name).find({}, { promoteValues: false }).toArray();
        await assertSameState(lake, name, documents);
      }
      const verified = await runProgram(["verify", "--read"], { env });
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    } finally {
      await Deno.remove(lake, { recursive: true });
    }
  });
}

Deno.test("with nothing set it is so of collections, too, that patterns find later", async () => {
  await using writer = createMongoWriter(uniqueName("renamed"));
  const db = writer.client.db(writer.database);
  const lake = await Deno.makeTempDir();
  const env = {
    ...{ ...sourceSettings(writer.database), DESTINATION: `file://${lake}`, BATCH_SIZE: "100" },
    ...{ WATCH_LEVEL: "collection", MONGODB_COLLECTIONS: "*" },
  };
  await db.collection("before").insertOne({ n: 0 });
  try {
    await using program = startProgram(["run"], { env });
    await ended(lake, 1, ".initial.end.json");
    for (const name of ["orders", "other"]) {
      await db.collection(name).insertMany(Array.from({ length: 150 }, (_, n) => ({ n, name })));
    }
    // The stream that has the rename began with the name.
    await program.line(/Change stream opened.*orders/, LIMIT_MS);
    await db.collection("other").rename("orders", { dropTarget: true });
    await ended(lake, 1);
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
    const documents = await db.collection("orders").find({}, { promoteValues: false }).toArray();
    await assertSameState(lake, "orders", documents);
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});

/** Waits until so many snapshots are complete. */
async function ended(lake: string, count: number, name = ".onto-"): Promise<void> {
  const folder = `${lake}/_tributary/snapshot`;
  const found = await waitUntil(systemClock, LIMIT_MS, async () => {
    const files = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
    const ends = files.filter((each) =>
      each.name.includes(name) && each.name.endsWith(".end.json")
    );
    return ends.length >= count ? true : undefined;
  });
  assert(found, `fewer than ${count} snapshots with ${name} are complete`);
}
