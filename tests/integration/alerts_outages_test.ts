/** Alert rules, fired by services that go away or refuse, with the metrics that a real program shows of it. */
import { sleep, systemClock } from "../../src/support/clock.ts";
import { s3Settings } from "../blackbox/settings.ts";
import { type AlertScene, startAndStore, withAlertScene } from "../support/alert_scene.ts";
import { type FaultMode, FaultProxy } from "../support/fault_proxy.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { redisUrl, s3Endpoint, uniqueName } from "../support/services.ts";

const BUCKET = "alerts";

/** What grows while nothing is stored. */
const growing = /_lake_lag_seconds$/;

function proxyTo(address: string): FaultProxy {
  const { hostname, port } = new URL(address);
  return new FaultProxy({ target: { hostname, port: Number(port) } });
}

/** Stores something, then breaks S3 and writes on; two scrapes a little apart. */
async function scrapesWithoutS3(scene: AlertScene, mode: FaultMode): Promise<string[]> {
  await ensureBucket(BUCKET);
  await using proxy = proxyTo(s3Endpoint());
  const s3 = s3Settings(BUCKET, uniqueName("run"), proxy.url);
  await using program = await startAndStore(scene, s3);
  await program.scrapeUntil(/^tributary_dependency_up\{dependency="mongodb".*\} 1$/m);
  proxy.setMode(mode);
  await scene.writer.insert(["orders"], 10);
  return [
    await program.scrapeUntil(/^tributary_dependency_up\{dependency="destination".*\} 0$/m),
    await program.scrapeUntil(
      /^tributary_write_errors_total\{.*collection="orders".*\} ([5-9]|\d\d+)$/m,
    ),
  ];
}

Deno.test("TributaryDependencyDown, then TributaryLakeBehind and TributaryWriteErrors fire while S3 is away", async () => {
  await withAlertScene(async (scene) => {
    const scrapes = await scrapesWithoutS3(scene, { kind: "refuse" });
    await scene.assertFiring({ scrapes, minutes: 4, growing }, []);
    const soon = ["TributaryDependencyDown"];
    await scene.assertFiring({ scrapes, minutes: 6, growing }, soon);
    const later = [...soon, "TributaryLakeBehind", "TributaryWriteErrors"];
    await scene.assertFiring({ scrapes, minutes: 30, growing }, later);
  });
});

Deno.test("TributaryWriteErrors fires while S3 answers SlowDown", async () => {
  await withAlertScene(async (scene) => {
    const scrapes = await scrapesWithoutS3(scene, { kind: "slow-down", share: 1 });
    const expected = ["TributaryDependencyDown", "TributaryLakeBehind", "TributaryWriteErrors"];
    await scene.assertFiring({ scrapes, minutes: 30, growing }, expected);
  });
});

Deno.test("TributaryMemoryFull fires where S3 is slow, and more is written than it takes", async () => {
  await ensureBucket(BUCKET);
  await withAlertScene(async (scene) => {
    await using proxy = proxyTo(s3Endpoint());
    const collections = ["orders", "items", "carts", "users"];
    await using program = await startAndStore(scene, {
      ...s3Settings(BUCKET, uniqueName("run"), proxy.url),
      ...{ MONGODB_COLLECTIONS: collections.join(), MEMORY_BUDGET: "4MiB", BATCH_BYTES: "1MiB" },
    });
    proxy.setMode({ kind: "delay", ms: 1000 });
    const full = /^tributary_buffered_bytes\{.*\} (3[89]\d{5}|[4-9]\d{6})$/m;
    // Some 10 MB, so that memory is full however the streams divide it, and for as long as it takes to see it.
    const written = scene.writer.insert(collections, 15_000);
    const [scrape] = await Promise.all([program.scrapeUntil(full), written]);
    const scrapes = [scrape];
    await scene.assertFiring({ scrapes, minutes: 9 }, []);
    await scene.assertFiring({ scrapes, minutes: 11 }, ["TributaryMemoryFull"]);
  });
});

Deno.test("TributaryDependencyDown, TributaryLockLost and TributaryNoLocksHeld fire while Redis is away", async () => {
  await withAlertScene(async (scene) => {
    await using proxy = proxyTo(redisUrl());
    await using program = await startAndStore(scene, {
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
      DISTRIBUTED_LOCK_TTL: "5s",
      DISTRIBUTED_LOCK_REFRESH_INTERVAL: "1s",
    });
    proxy.setMode({ kind: "refuse" });
    const lost = await program.scrapeUntil(/^tributary_locks_lost_total\{.*\} 1$/m);
    await scene.assertFiring({ scrapes: [lost], minutes: 1 }, ["TributaryLockLost"]);
    const away = await program.scrapeUntil(/^tributary_dependency_up\{dependency="redis".*\} 0$/m);
    const expected = ["TributaryDependencyDown", "TributaryLockLost", "TributaryNoLocksHeld"];
    await scene.assertFiring({ scrapes: [lost, away], minutes: 6, growing }, expected);
    // Nobody has the stream, so nothing is read, and it is said how long.
    const nobody = await program.scrapeUntil(/^tributary_lake_lag_seconds\{.*\} \d/m);
    const ages = /_lag_seconds$/;
    await scene.assertFiring({ scrapes: [nobody], minutes: 30, growing: ages }, [
      "TributaryDependencyDown",
      "TributaryLagHigh",
      "TributaryLakeBehind",
      "TributaryNoLocksHeld",
    ]);
  });
});

Deno.test("TributaryLockLost fires where a program was stopped for longer than its lease", async () => {
  await withAlertScene(async (scene) => {
    await using program = await startAndStore(scene, {
      REDIS_URL: redisUrl(),
      DISTRIBUTED_LOCK_TTL: "5s",
      DISTRIBUTED_LOCK_REFRESH_INTERVAL: "1s",
    });
    program.program.kill("SIGSTOP");
    // As long as the fault lasts: past the lease.
    await sleep(systemClock, 6000);
    program.program.kill("SIGCONT");
    const lost = await program.scrapeUntil(/^tributary_locks_lost_total\{.*\} 1$/m);
    await scene.assertFiring({ scrapes: [lost], minutes: 1 }, ["TributaryLockLost"]);
  });
});

Deno.test("TributaryStreamsPaused fires where a stream has been paused for a day", async () => {
  await withAlertScene(async (scene) => {
    await using program = await startAndStore(scene, { MONGODB_COLLECTIONS: "orders,items" });
    await program.pause(`collection:${scene.writer.database}.orders`);
    const paused = await program.scrapeUntil(/^tributary_streams_paused\{.*\} 1$/m);
    await scene.assertFiring({ scrapes: [paused], minutes: 20 }, []);
    await scene.assertFiring({ scrapes: [paused], minutes: 1450 }, [
      // Of the tests' server, which is young.
      "TributaryOplogWindowShort",
      "TributaryStreamsPaused",
    ]);
  });
});
