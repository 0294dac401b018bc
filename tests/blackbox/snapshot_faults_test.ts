/** A snapshot of three copies while everything around it fails. */
import { MongoClient } from "mongodb";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { createRowCounter } from "../support/lake.ts";
import { onAdmin } from "../support/mongo_commands.ts";
import { startProgram } from "../support/program.ts";
import { startReplicaSet } from "../support/replica_set.ts";
import { redisUrl } from "../support/services.ts";
import { waitForRows } from "./judge.ts";
import { sourceSettings } from "./settings.ts";
import { SnapshotChanges } from "./snapshot_changes.ts";
import { assertRight, complete, COMPLETE_MS_MAX, snapshotBucket, stop } from "./snapshot_place.ts";

const NAMES = ["c1", "c2", "c3"];
const DOCUMENTS = 3_000;
const TTL_MS = 6_000;
/** So long a piece of a request waits until the last fault: ranges must not end before. */
const SLOW_MS = 100;
/** Of requests to the store, answered with 503. */
const REFUSED_SHARE = 0.2;

Deno.test("a snapshot of three copies is right after kills, a long sleep, 503s, another primary and times that are forgotten", async () => {
  await using set = await startReplicaSet();
  await forgetSoon(set.url);
  await using client = new MongoClient(set.url);
  const db = client.db("shop");
  for (const name of NAMES) {
    await db.collection(name).insertMany(Array.from({ length: DOCUMENTS }, (_, n) => ({ n })));
  }
  await using at = await snapshotBucket({
    ...{ ...sourceSettings("shop"), MONGODB_URI: set.url, MONGODB_COLLECTIONS: NAMES.join(",") },
    ...{ SNAPSHOT: "initial", BATCH_SIZE: "25", REDIS_URL: redisUrl(), LEASES: "redis" },
    ...{ DISTRIBUTED_LOCK_TTL: `${TTL_MS}ms`, DISTRIBUTED_LOCK_REFRESH_INTERVAL: "2s" },
  });
  const { proxy } = at;
  const start = (name: string) =>
    startProgram(["run"], { env: { ...at.through, INSTANCE_NAME: name } });
  proxy.setMode({ kind: "delay", ms: SLOW_MS });
  await using one = start("one");
  await using two = start("two");
  await using three = start("three");
  await Promise.any(
    [one, two, three].map((each) => each.line(/Batch stored.*snapshot:/, COMPLETE_MS_MAX)),
  );
  await using changes = new SnapshotChanges(db, NAMES, DOCUMENTS);
  changes.begin();
  one.kill("SIGSTOP");
  const stoppedMs = systemClock.monotonicMs();
  proxy.setMode({ kind: "slow-down", share: REFUSED_SHARE, ms: SLOW_MS });
  two.kill("SIGKILL");
  await two.ended;
  await set.changePrimary();
  // Who cannot write at the start does not start.
  proxy.setMode({ kind: "delay", ms: SLOW_MS });
  await using four = start("four");
  await using five = start("five");
  await Promise.all([four, five].map((each) => each.line(/Stream started/, COMPLETE_MS_MAX)));
  proxy.setMode({ kind: "slow-down", share: REFUSED_SHARE });
  three.kill("SIGKILL");
  await three.ended;
  await sleep(systemClock, Math.max(0, stoppedMs + 2 * TTL_MS - systemClock.monotonicMs()));
  one.kill("SIGCONT");
  await complete(at.past, NAMES.map((name) => `shop.${name}`));
  proxy.setMode({ kind: "pass" });
  const events = await changes.end();
  await waitForRows(events, createRowCounter(at.bucket, "lake/"));
  for (const each of [one, four, five]) await stop(each);
  await assertRight(at, db, NAMES, ({ n }) => Number(n) < DOCUMENTS);
});

/** Each member keeps its past for a second. */
async function forgetSoon(url: string): Promise<void> {
  for (const host of url.replace("mongodb://", "").split("/")[0]!.split(",")) {
    await onAdmin(`mongodb://${host}/?directConnection=true`, {
      setParameter: 1,
      minSnapshotHistoryWindowInSeconds: 1,
    });
  }
}
