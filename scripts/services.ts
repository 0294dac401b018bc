/**
 * Real servers for tests, benches and the tour: mongod as a replica set, redis-server and MinIO on free loopback ports.
 *
 * As a program it prints their addresses as environment lines and serves until its standard input closes, a signal
 * comes, or what launched it is gone. As a library: `await using services = await startServices({ mongod: true })`.
 * Whatever ends the process, the servers end and their folders are removed.
 */
import { errorMessage } from "../src/model/errors.ts";
import { watchLaunchers } from "./services/launchers.ts";
import { MINIO_ACCESS_KEY, MINIO_REGION, MINIO_SECRET_KEY, startMinio } from "./services/minio.ts";
import { startMongod } from "./services/mongod.ts";
import { startRedis } from "./services/redis.ts";
import type { Server } from "./services/server_process.ts";

export { startMinio, startMongod, startRedis };
export type { Server };

export interface ServiceChoice {
  readonly mongod?: boolean;
  readonly redis?: boolean;
  readonly s3?: boolean;
}

export interface Services extends AsyncDisposable {
  /** The environment that `tests/support/services.ts` reads, for the services that were asked for. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent where it was not asked for, or a server was named in the environment. */
  readonly mongod?: Server;
  readonly redis?: Server;
  readonly s3?: Server;
}

/**
 * Starts the services chosen, side by side. One that `TEST_MONGODB_URI`, `TEST_REDIS_URL` or `TEST_S3_ENDPOINT` names
 * is used as it is: nothing is started, and nothing in it is removed.
 */
export async function startServices(choice: ServiceChoice): Promise<Services> {
  const named = namedServers();
  const started = await Promise.allSettled([
    choice.mongod === true && named["TEST_MONGODB_URI"] === undefined ? startMongod() : undefined,
    choice.redis === true && named["TEST_REDIS_URL"] === undefined ? startRedis() : undefined,
    choice.s3 === true && named["TEST_S3_ENDPOINT"] === undefined ? startMinio() : undefined,
  ]);
  const servers = started.map((result) => result.status === "fulfilled" ? result.value : undefined);
  const dispose = async () => {
    await Promise.all(servers.map((server) => server?.[Symbol.asyncDispose]()));
  };
  const reasons = started.flatMap((r) => r.status === "rejected" ? [errorMessage(r.reason)] : []);
  if (reasons.length > 0) {
    await dispose();
    throw new Error(reasons.join("\n"));
  }
  const [mongod, redis, s3] = servers;
  return {
    env: { ...named, ...environmentOf(mongod, redis, s3) },
    ...(mongod === undefined ? {} : { mongod }),
    ...(redis === undefined ? {} : { redis }),
    ...(s3 === undefined ? {} : { s3 }),
    [Symbol.asyncDispose]: dispose,
  };
}

const VARIABLES = [
  "TEST_MONGODB_URI",
  "TEST_REDIS_URL",
  "TEST_S3_ENDPOINT",
  "TEST_S3_ACCESS_KEY",
  "TEST_S3_SECRET_KEY",
  "TEST_S3_REGION",
];

function namedServers(): Record<string, string> {
  const named: Record<string, string> = {};
  for (const variable of VARIABLES) {
    const value = Deno.env.get(variable);
    if (value !== undefined && value !== "") named[variable] = value;
  }
  return named;
}

function environmentOf(mongod?: Server, redis?: Server, s3?: Server): Record<string, string> {
  return {
    ...(mongod === undefined ? {} : { TEST_MONGODB_URI: mongod.url }),
    ...(redis === undefined ? {} : { TEST_REDIS_URL: redis.url }),
    ...(s3 === undefined ? {} : {
      TEST_S3_ENDPOINT: s3.url,
      TEST_S3_ACCESS_KEY: MINIO_ACCESS_KEY,
      TEST_S3_SECRET_KEY: MINIO_SECRET_KEY,
      TEST_S3_REGION: MINIO_REGION,
    }),
  };
}

/** Resolves when the program is to end. */
function untilEnd(): Promise<void> {
  return new Promise((resolve) => {
    const end = () => resolve();
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(name, end);
    watchLaunchers(end);
    Deno.stdin.readable.pipeTo(new WritableStream()).then(end, end);
  });
}

async function main(): Promise<void> {
  const end = untilEnd();
  const starting = startServices({ mongod: true, redis: true, s3: true });
  // An end that comes during the start needs no tidying here: the servers' watchdogs see it.
  const services = await Promise.race([starting, end.then(() => undefined)]);
  if (services === undefined) Deno.exit(0);
  for (const [name, value] of Object.entries(services.env)) console.log(`${name}=${value}`);
  await end;
  await services[Symbol.asyncDispose]();
  Deno.exit(0);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(errorMessage(error));
    Deno.exit(1);
  }
}
