import assert from "node:assert/strict";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { TransientError } from "../../src/model/errors.ts";
import { createMongoSource } from "../../src/source/mongo/mongo_source.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { here, openFrom, operations, readUntil } from "../contract/source_contract.ts";
import { openMongo } from "../support/mongo_source.ts";
import { readThrough } from "../support/read_through.ts";
import { startReplicaSet } from "../support/replica_set.ts";

const LIMIT_MS = 60_000;

Deno.test("a source from a replica set of three", async (t) => {
  await using set = await startReplicaSet();

  await t.step("goes on without a loss when another member becomes primary", async () => {
    await using under = await openMongo(set.url);
    const start = await here(under);
    await under.insert(5);
    const reading = readThrough(under, start, 10);
    await set.changePrimary();
    await under.insert(5);
    assert.deepEqual(operations(await reading), Array(10).fill("insert"));
  });

  await t.step("keeps each cursor on one of the secondaries", async () => {
    await using under = await openMongo(set.url);
    const source = createMongoSource({
      uri: `${set.url}&readPreference=secondary`,
      awaitMs: 50,
      clock: systemClock,
      random: systemRandom,
    });
    const start = await here(under);
    await under.insert(40);
    const cursor = await waitUntil(systemClock, LIMIT_MS, async () => {
      try {
        return (await openFrom({ ...under, source }, start)).cursor;
      } catch (error) {
        // A secondary may be behind for a moment.
        if (error instanceof TransientError) return undefined;
        assert.fail(String(error));
      }
    });
    assert.ok(cursor);
    // One event a command: were each sent to any secondary, one of forty would find no cursor there.
    assert.equal((await readUntil(cursor, 40, 1)).length, 40);
    await cursor.close();
    await source.close();
  });
});
