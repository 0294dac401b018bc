/** Real redis-servers in each form in which a Redis can be used, on free loopback ports. */
import { fileURLToPath } from "node:url";
import { findBinary } from "../../scripts/services/binary.ts";
import { redisBinary } from "../../scripts/services/install_redis.ts";
import { startRedis } from "../../scripts/services/redis.ts";
import {
  type Server,
  type ServerSpec,
  startServer,
} from "../../scripts/services/server_process.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { FLEET_COMMANDS } from "../../src/coordinate/redis/redis_rehearsal.ts";
import { connectRedis, type RedisConnectionOptions } from "../../src/state/redis_connection.ts";
import { STATE_COMMANDS } from "../../src/state/redis_state.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { openTlsTunnel } from "./tls_tunnel.ts";

export interface RedisForm extends AsyncDisposable {
  /** What `REDIS_URL` is set to. */
  readonly url: string;
  /** What a connection needs beside the URL. */
  readonly options: Partial<RedisConnectionOptions>;
  /** Its processes; of a Sentinel form master, replica, Sentinel. */
  readonly servers: readonly Server[];
}

export async function startStandalone(): Promise<RedisForm> {
  const server = await startRedis();
  return form(server.url, [server]);
}

/** With a user that may do nothing but what the program needs, on its own keys. */
export async function startWithAccessList(): Promise<RedisForm> {
  const server = await startRedis();
  const rights = ["~{tributary*", "&*", "-@all", ...PROGRAM_COMMANDS.map((name) => `+${name}`)];
  await command(server.url, "ACL", "SETUSER", "app", "on", ">p@ss:w/rd", ...rights);
  await command(server.url, "ACL", "SETUSER", "default", "off");
  return form(`redis://app:p%40ss%3Aw%2Frd@127.0.0.1:${server.port}`, [server]);
}

/** Every command that the program sends, in scripts or not. */
const PROGRAM_COMMANDS = [...new Set(["ping", "info", ...FLEET_COMMANDS, ...STATE_COMMANDS])];

export async function startWithTls(): Promise<RedisForm> {
  const file = (name: string) => fileURLToPath(new URL(`./tls/${name}`, import.meta.url));
  const certificates = [
    ...["--tls-cert-file", file("server.pem"), "--tls-key-file", file("server.pem")],
    ...["--tls-ca-cert-file", file("authority.pem"), "--tls-auth-clients", "no"],
  ];
  const certificateAuthorities = await Deno.readTextFile(file("authority.pem"));
  try {
    const server = await startServer({
      ...await redisSpec((port) => ["--port", "0", "--tls-port", String(port), ...certificates]),
      url: (port) => `rediss://127.0.0.1:${port}`,
    });
    return form(server.url, [server], { certificateAuthorities });
  } catch (error) {
    // Some builds of Redis speak no TLS; the client's side of it is what is tested here.
    if (!(error instanceof Error) || !/tls-port/.test(error.message)) throw error;
  }
  const server = await startRedis();
  const pem = await Deno.readTextFile(file("server.pem"));
  const tunnel = openTlsTunnel({ pem, targetPort: server.port });
  const plain = form(`rediss://127.0.0.1:${tunnel.port}`, [server], { certificateAuthorities });
  return {
    ...plain,
    async [Symbol.asyncDispose]() {
      await tunnel[Symbol.asyncDispose]();
      await plain[Symbol.asyncDispose]();
    },
  };
}

/** A master, a replica that has caught up with it, and a Sentinel that alone decides about a failover. */
export async function startSentinel(): Promise<RedisForm> {
  const master = await startRedis();
  const replica = await startRedis({ args: ["--replicaof", "127.0.0.1", String(master.port)] });
  await until(async () =>
    /state=online/.test(String(await command(master.url, "INFO", "replication")))
  );
  const config = [
    `sentinel monitor orders-master 127.0.0.1 ${master.port} 1`,
    "sentinel down-after-milliseconds orders-master 500",
    "sentinel failover-timeout orders-master 2000",
  ];
  const path = await Deno.makeTempFile({ suffix: ".conf" });
  await Deno.writeTextFile(path, config.join("\n") + "\n");
  const sentinel = await startServer({
    ...await redisSpec(() => []),
    args: (port) => [path, "--sentinel", "--port", String(port), "--bind", "127.0.0.1"],
  });
  await until(async () => {
    const known = await command(sentinel.url, "SENTINEL", "REPLICAS", "orders-master");
    return (known as unknown[]).length === 1;
  });
  const url = `redis+sentinel://127.0.0.1:${sentinel.port}/orders-master`;
  const started = form(url, [master, replica, sentinel]);
  return {
    ...started,
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await Deno.remove(path);
    },
  };
}

/** Three masters that share the slots. */
export async function startCluster(): Promise<RedisForm> {
  const enabled = (folder: string) => [
    ...["--cluster-enabled", "yes", "--cluster-config-file", `${folder}/nodes.conf`],
    ...["--cluster-node-timeout", "5000", "--cluster-require-full-coverage", "no"],
  ];
  const spec = await redisSpec((port, folder) => ["--port", String(port), ...enabled(folder)]);
  const servers = [await startServer(spec), await startServer(spec), await startServer(spec)];
  const share = Math.ceil(SLOTS / servers.length);
  for (const [i, server] of servers.entries()) {
    const slots = Array.from({ length: share }, (_, at) => i * share + at).filter((n) => n < SLOTS);
    await command(server.url, "CLUSTER", "ADDSLOTS", ...slots);
    if (i > 0) await command(server.url, "CLUSTER", "MEET", "127.0.0.1", servers[0]!.port);
  }
  for (const server of servers) {
    await until(async () => {
      const info = String(await command(server.url, "CLUSTER", "INFO"));
      return /cluster_state:ok/.test(info) && /cluster_slots_ok:16384/.test(info) &&
        /cluster_known_nodes:3/.test(info);
    });
  }
  const nodes = servers.map(({ port }) => `127.0.0.1:${port}`).join(",");
  return form(`redis+cluster://${nodes}`, servers);
}

const SLOTS = 16_384;

/** Sends one command to a server that asks for no password. */
export async function command(url: string, ...words: (string | number)[]): Promise<unknown> {
  const redis = connectRedis(url, { clock: systemClock, random: systemRandom, callMsMax: 60_000 });
  try {
    return await redis.call(String(words[0]), ...words.slice(1));
  } finally {
    await redis.close();
  }
}

function form(
  url: string,
  servers: readonly Server[],
  options: Partial<RedisConnectionOptions> = {},
): RedisForm {
  return {
    url,
    servers,
    options,
    async [Symbol.asyncDispose]() {
      for (const server of servers.toReversed()) await server[Symbol.asyncDispose]();
    },
  };
}

async function redisSpec(
  args: (port: number, folder: string) => readonly string[],
): Promise<ServerSpec> {
  return {
    name: "redis",
    binary: await findBinary(redisBinary),
    args: (port, folder) => [
      ...["--bind", "127.0.0.1", "--dir", folder, "--daemonize", "no"],
      ...["--save", "", "--appendonly", "no", ...args(port, folder)],
    ],
    url: (port) => `redis://127.0.0.1:${port}`,
    async isReady(port) {
      using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
      return true;
    },
  };
}

const UNTIL_MS_MAX = 240_000;

/** Waits for what servers come to by themselves. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const met = await waitUntil(
    systemClock,
    UNTIL_MS_MAX,
    async () => await condition() || undefined,
  );
  if (met === undefined) throw new Error("The servers did not come together");
}
