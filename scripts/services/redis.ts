import { findBinary } from "./binary.ts";
import { oldRedisBinary, redisBinary } from "./install_redis.ts";
import { type Server, startServer } from "./server_process.ts";

export interface RedisOptions {
  /** Further arguments, as `--requirepass`, `secret`. A password makes the readiness look count a refusal as ready. */
  readonly args?: readonly string[];
  /** Whether data survives a restart. Default false. */
  readonly durable?: boolean;
  /** Whether it is one of the line before 7. Default false. */
  readonly old?: boolean;
}

/** Starts a redis-server and waits until it answers. */
export async function startRedis(options: RedisOptions = {}): Promise<Server> {
  return await startServer({
    name: "redis",
    binary: await findBinary(options.old === true ? oldRedisBinary : redisBinary),
    args: (port, folder) => [
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--daemonize", "no"],
      ...["--save", "", "--appendonly", options.durable === true ? "yes" : "no"],
      ...(options.args ?? []),
    ],
    url: (port) => `redis://127.0.0.1:${port}`,
    isReady: answersPing,
  });
}

async function answersPing(port: number): Promise<boolean> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode("PING\r\n"));
  const reply = new Uint8Array(64);
  const bytes = await connection.read(reply) ?? 0;
  return /^(\+PONG|-NOAUTH)/.test(new TextDecoder().decode(reply.subarray(0, bytes)));
}
