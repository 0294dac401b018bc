/** Collections in which nothing is when their streams begin need no snapshot, and are as complete as others. */
import assert from "node:assert/strict";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { queryLake } from "../support/lake.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { uniqueName } from "../support/services.ts";
import { assertSameState } from "../support/snapshot_state.ts";
import { waitForFolder } from "./judge.ts";
import { sourceSettings } from "./settings.ts";
import { COMPLETE_MS_MAX, type Env, stop } from "./snapshot_place.ts";

const STREAMS = {
  "that are named": { MONGODB_COLLECTIONS: "orders,missing" },
  "that are divided": { MONGODB_COLLECTIONS: "orders,missing", PARTITIONS: "2" },
  "that patterns find": { MONGODB_COLLECTIONS: "o*", WATCH_LEVEL: "collection" },
};

for (const [what, settings] of Object.entries(STREAMS)) {
  Deno.test(`empty collections ${what} begin without a snapshot; all that comes is there once`, async () => {
    await using writer = createMongoWriter(uniqueName("empty"));
    const db = writer.client.db(writer.database);
    const orders = await db.createCollection("orders");
    const lake = await Deno.makeTempDir();
    const env = { ...sourceSettings(writer.database), DESTINATION: `file://${lake}`, ...settings };
    try {
      {
        await using program = startProgram(["run"], { env });
        await program.line(/Change stream opened.*orders/, COMPLETE_MS_MAX);
        if (what !== "that patterns find") {
          await program.line(/Change stream opened.*missing/, COMPLETE_MS_MAX);
        }
        await orders.insertMany(Array.from({ length: 20 }, (_, n) => ({ n })));
        await waitForFolder(lake, 20);
        await stop(program);
      }
      await assertNothingDue(lake, env);
      {
        await using program = startProgram(["run"], { env });
        await orders.deleteOne({ n: 3 });
        await waitForFolder(lake, 21);
        await assertNothingDue(lake, env);
        // Nobody has asked for snapshots, and still it is read.
        await db.collection("new").insertMany([{ n: -1 }, { n: -2 }]);
        await db.collection("new").rename("orders", { dropTarget: true });
        await renamed(lake);
        await stop(program);
      }
      await assertSameState(lake, "orders", await orders.find().toArray());
      const found = await queryLake(
        lake,
        "SELECT operation, count(*)::INT AS n FROM lake GROUP BY operation",
      );
      const counts = Object.fromEntries(found.map(({ operation, n }) => [operation, Number(n)]));
      assert.deepEqual([counts["insert"], counts["snapshot"]], [20, 2]);
      const verified = await runProgram(["verify", "--read"], { env });
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    } finally {
      await Deno.remove(lake, { recursive: true });
    }
  });
}

async function assertNothingDue(lake: string, env: Env): Promise<void> {
  const files = await Array.fromAsync(Deno.readDir(`${lake}/_tributary`));
  assert(!files.some(({ name }) => name === "snapshot" || name === "ranges"), "nothing to read");
  const status = await runProgram(["snapshot", "status"], { env });
  assert.match(
    status.stdout + status.stderr,
    /no snapshot in this lake; what was empty needs none/,
  );
  const { code, stdout, stderr } = await runProgram(["check", "--json"], { env });
  assert.equal(code, 0, stdout + stderr);
  const { checks }: { checks: { subject: string }[] } = JSON.parse(stdout);
  assert.deepEqual(checks.filter(({ subject }) => subject === "Snapshots"), []);
}

/** Waits until the collection that came with a name is read. */
async function renamed(lake: string): Promise<void> {
  const found = await waitUntil(systemClock, COMPLETE_MS_MAX, async () => {
    const files = await Array.fromAsync(Deno.readDir(`${lake}/_tributary/snapshot`)).catch(
      () => [],
    );
    return files.some(({ name }) => /\.onto-.*\.end\.json$/.test(name)) ? true : undefined;
  });
  assert(found, "what was renamed onto the collection is not read");
}
