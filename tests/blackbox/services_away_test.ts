import assert from "node:assert/strict";
import { startMongod } from "../../scripts/services/mongod.ts";
import { freePort } from "../../scripts/services/free_port.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { createRowCounter } from "../support/lake.ts";
import { createMongoWriter, type MongoWriter } from "../support/mongo_writer.ts";
import { type Program, startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { redisUrl, s3Endpoint, uniqueName } from "../support/services.ts";
import { totalOf, waitForFolder, waitForRows } from "./judge.ts";
import { s3Settings, streamingSettings } from "./settings.ts";

const WAIT_MS_MAX = 240_000;

// deno-lint-ignore no-explicit-any
type Json = any;

/** A running instance and what it says of itself. */
class Instance {
  readonly program: Program;
  readonly #http = `127.0.0.1:${freePort()}`;

  constructor(env: Readonly<Record<string, string>>) {
    this.program = startProgram(["run"], { env: { ...env, HTTP_ADDRESS: this.#http } });
  }

  async get(path: string): Promise<Json> {
    return await (await fetch(`http://${this.#http}${path}`)).json();
  }

  /** Waits for an answer that is as wanted. */
  async until(path: string, isWanted: (answer: Json) => boolean): Promise<Json> {
    let last: Json;
    const found = await waitUntil(systemClock, WAIT_MS_MAX, async () => {
      last = await this.get(path);
      return isWanted(last) ? last : undefined;
    });
    assert.ok(found, `${path} did not become as wanted: ${JSON.stringify(last)}`);
    return found;
  }
}

async function through(target: string, work: (proxy: FaultProxy) => Promise<void>): Promise<void> {
  const { hostname, port } = new URL(target);
  await using proxy = new FaultProxy({ target: { hostname, port: Number(port) } });
  await work(proxy);
}

function envOf(writer: MongoWriter): Record<string, string> {
  return { ...streamingSettings(writer.database), MONGODB_COLLECTIONS: "orders,items" };
}

Deno.test("without Redis all instances say that nobody has the streams, and how far these are behind", async () => {
  await using writer = createMongoWriter(uniqueName("away"));
  const lake = await Deno.makeTempDir();
  await through(redisUrl(), async (proxy) => {
    const redis = {
      LEASES: "auto",
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
      DISTRIBUTED_LOCK_TTL: "5s",
      DISTRIBUTED_LOCK_REFRESH_INTERVAL: "1s",
    };
    const env = { ...envOf(writer), ...redis, DESTINATION: `file://${lake}` };
    const instances = [new Instance(env), new Instance(env)];
    await using _first = instances[0]!.program;
    await using _second = instances[1]!.program;
    for (const { program } of instances) await program.line(/Change stream opened/);
    await writer.insert(["orders", "items"], 40);
    await waitForFolder(lake, 40);
    // Of what the other one has it can say later only what it was told before.
    for (const instance of instances) {
      await instance.until(
        "/status",
        ({ streams }) =>
          streams.length === 2 && streams.every((each: Json) => each.lakeLagSeconds !== null),
      );
    }
    proxy.setMode({ kind: "refuse" });
    for (const instance of instances) {
      await instance.program.line(/"error".*Redis does not answer/);
      const status = await instance.until(
        "/status",
        ({ streams }) =>
          streams.length === 2 &&
          streams.every((each: Json) => each.condition === "free" && each.owner === null),
      );
      assert.equal(status.causes[0].id, "redis-away");
      assert.equal(status.causes[0].streams.length, 2);
      const [{ lagSeconds, lakeLagSeconds }] = status.streams;
      await instance.until(
        "/status",
        ({ streams: [stream] }) =>
          stream.lagSeconds > lagSeconds + 1 && stream.lakeLagSeconds > lakeLagSeconds + 1,
      );
      await instance.until("/ready", ({ ready }) => !ready);
    }
    proxy.setMode({ kind: "pass" });
    await writer.insert(["orders", "items"], 40);
    await waitForFolder(lake, totalOf(writer.inserted));
    for (const instance of instances) {
      await instance.program.line(/Redis answers again/);
      await instance.until("/ready", ({ ready }) => ready);
      await instance.until("/status", ({ causes }) => causes.length === 0);
    }
  }).finally(() => Deno.remove(lake, { recursive: true }));
});

Deno.test("without S3 an instance says at once that nothing is stored, though it reads, and is not ready", async () => {
  await using writer = createMongoWriter(uniqueName("away"));
  const bucket = uniqueName("away");
  await ensureBucket(bucket);
  await through(s3Endpoint(), async (proxy) => {
    const env = {
      ...{ ...envOf(writer), ...s3Settings(bucket, "lake", proxy.url) },
      // An idle server writes to its oplog every ten seconds: sooner nobody knows that nothing has happened.
      ...{ READY_MAX_LAG: "12s", MAX_RETRY_DELAY: "1s", MAX_RETRIES: "100" },
    };
    const instance = new Instance(env);
    await using program = instance.program;
    await program.line(/Change stream opened.*orders/);
    await program.line(/Change stream opened.*items/);
    await instance.until("/ready", ({ ready }) => ready);
    proxy.setMode({ kind: "refuse" });
    await writer.insert(["orders", "items"], 40);
    await program.line(/"error".*Destination cannot be written/);
    const { causes } = await instance.get("/status");
    assert.equal(causes[0].id, "destination-away");
    await instance.until("/ready", ({ reasons }) => /stored later than/.test(reasons.join()));
    const { streams } = await instance.get("/status");
    assert.ok(streams.some((each: Json) => each.lakeLagSeconds > each.lagSeconds));
    proxy.setMode({ kind: "pass" });
    await program.line(/Destination can be written again/);
    await waitForRows(totalOf(writer.inserted), createRowCounter(bucket, "lake/"));
    await instance.until("/ready", ({ ready }) => ready);
  });
});

Deno.test("of a MongoDB that is killed, or hangs, it is said where it was and what to look at first", async () => {
  const lake = await Deno.makeTempDir();
  await using mongod = await startMongod({ cacheGigabytes: 0.25 });
  const instance = new Instance({
    ...{ MONGODB_URI: mongod.url, MONGODB_COLLECTIONS: "shop.orders" },
    DESTINATION: `file://${lake}`,
  });
  await using program = instance.program;
  await program.line(/Change stream opened/);
  const address = `127.0.0.1:${mongod.port}`;
  const nextStep = async () => {
    const { causes: [cause] } = await instance.until("/status", ({ causes }) => causes.length > 0);
    assert.equal(cause.id, "mongodb-away");
    return cause.next;
  };
  mongod.kill("SIGSTOP");
  assert.match(await nextStep(), new RegExp(`^Look at its machine .* to ${address}: it hangs`));
  mongod.kill("SIGCONT");
  await program.line(/MongoDB answers again/);
  await instance.until("/status", ({ causes }) => causes.length === 0);
  mongod.kill("SIGKILL");
  const killed = new RegExp(`^(See first whether it still runs|Start it) at ${address}, `);
  assert.match(await nextStep(), killed);
  await mongod.restart();
  await instance.until("/status", ({ causes }) => causes.length === 0);
  await Deno.remove(lake, { recursive: true });
});
