/** The set-ups of docs/troubleshooting.md: a fault for each symptom, and what the first step must show of it. */
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "../../../scripts/services/free_port.ts";
import { FaultProxy } from "../fault_proxy.ts";
import { ensureBucket } from "../s3_bucket.ts";
import { redisUrl, s3Credentials, s3Endpoint, s3Region, uniqueName } from "../services.ts";
import type { World } from "./world.ts";

export interface SetUp {
  /** In place of the world's own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether a copy has been started and has stored something. */
  readonly runs: boolean;
  /** The fault, beside the running copy or after it has stopped. */
  breakIt?(world: World): Promise<void>;
  /** What the first step says of it, at once or as soon as the fault is noticed. */
  readonly shows: RegExp;
}

const BUCKET = "docs-symptoms";

/** By the name of the situation that the command is marked with. */
export const SYMPTOMS: Readonly<
  Record<string, (stack: AsyncDisposableStack) => SetUp | Promise<SetUp>>
> = {
  unreachable: () => ({
    settings: { MONGODB_URI: `mongodb://127.0.0.1:${freePort()}/?serverSelectionTimeoutMS=500` },
    runs: false,
    shows: /no usable MongoDB server.*127\.0\.0\.1/,
  }),
  paused: () => ({
    runs: true,
    breakIt: (world) => succeed(world, "tributary pause shop.orders"),
    shows: /orders.*\(?paused/,
  }),
  "destination-away": async (stack) => {
    const { proxy, settings } = await lakeBehindProxy(stack);
    return {
      // A stop waits for what can be stored.
      settings: { ...settings, SHUTDOWN_TIMEOUT: "1s" },
      runs: true,
      async breakIt(world) {
        proxy.setMode({ kind: "refuse" });
        await world.change();
      },
      shows: /^1 of 2 streams is held up since .*: The destination cannot be written[.:]/,
    };
  },
  "reads-alone": () => ({
    settings: { READING: "own" },
    runs: true,
    shows: /2 are read alone, each because READING=own says so.*orders/,
  }),
  "small-objects": () => ({
    runs: true,
    shows: /The lake is whole: \d+ streams?, \d+ objects?, \d+ rows/,
  }),
  "much-memory": () => ({
    settings: { MEMORY_BUDGET: "2GiB" },
    runs: false,
    shows: /MEMORY_BUDGET\s+2GiB\s+.*environment/,
  }),
  "slow-down": async (stack) => {
    const { proxy, settings } = await lakeBehindProxy(stack);
    proxy.setMode({ kind: "slow-down", share: 1 });
    return { settings: { ...settings, MAX_RETRIES: "0" }, runs: false, shows: /503|SlowDown/ };
  },
  "dead-letters": () => ({
    // No post-image is kept of these collections.
    settings: { FULL_DOCUMENT: "required" },
    runs: true,
    shows: /orders: 1 dead letter.*update of .*orders/s,
  }),
  missing: () => ({
    runs: true,
    async breakIt(world) {
      await world.stop();
      await Deno.remove(await anObject(world.lake));
    },
    shows: /orders.*the object is missing/s,
  }),
  twice: () => ({
    runs: true,
    async breakIt(world) {
      await world.stop();
      const object = await anObject(world.lake);
      await Deno.copyFile(object, object.replace(/-(\d+)\.parquet$/, "-7.parquet"));
    },
    shows: /orders.*no record names it/s,
  }),
  "redis-away": (stack) => {
    const url = new URL(redisUrl());
    const target = { hostname: url.hostname, port: Number(url.port) };
    const proxy = stack.use(new FaultProxy({ target }));
    return {
      settings: { REDIS_URL: `redis://127.0.0.1:${proxy.port}` },
      runs: true,
      breakIt() {
        proxy.setMode({ kind: "refuse" });
        return Promise.resolve();
      },
      shows: /lease|Redis/i,
    };
  },
  "stuck-lease": (stack) => ({
    runs: true,
    async breakIt({ database }) {
      const key = `{tributary:${database}}:lock:collection.${database}.orders`;
      const redis = new Redis(redisUrl());
      stack.defer(async () => void await redis.del(key).finally(() => redis.quit()));
      await redis.set(key, "by-hand");
    },
    shows: /orders +by-hand +0 +- /,
  }),
  "cut-off": () => ({
    runs: true,
    async breakIt(world) {
      await world.stop();
      await succeed(world, "tributary layout set shop.orders 4");
    },
    shows: /orders/,
  }),
};

/** A lake on the S3 server, which is reached through a proxy that can break. */
async function lakeBehindProxy(stack: AsyncDisposableStack) {
  await ensureBucket(BUCKET);
  const { hostname, port } = new URL(s3Endpoint());
  const proxy = stack.use(new FaultProxy({ target: { hostname, port: Number(port) } }));
  const { accessKeyId, secretAccessKey } = s3Credentials();
  const settings = {
    DESTINATION: `s3://${BUCKET}/${uniqueName("symptom")}`,
    S3_ENDPOINT: proxy.url,
    AWS_REGION: s3Region(),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  return { proxy, settings };
}

async function succeed(world: World, command: string): Promise<void> {
  const { code, output } = await world.shell(command);
  if (code !== 0) throw new Error(`${command}: ${output}`);
}

/** An object of orders. */
async function anObject(folder: string): Promise<string> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith("_")) continue;
    const path = join(folder, entry.name);
    if (entry.isFile && entry.name.endsWith(".parquet")) return path;
    if (entry.isDirectory) return await anObject(path);
  }
  throw new Error(`${folder} has no object`);
}
