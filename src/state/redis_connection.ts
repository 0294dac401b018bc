import { Cluster, Redis, type RedisOptions } from "ioredis";
import { errorMessage, TransientError } from "../model/errors.ts";
import { backoffMs } from "../support/backoff.ts";
import { type Clock, withTimeout } from "../support/clock.ts";
import type { Random } from "../support/random.ts";
import { formatDuration } from "../support/units.ts";
import { oneFirst } from "./one_first.ts";
import { asRedisError, isPermanentReply, isReplicaReply } from "./redis_errors.ts";
import { describeRedis, parseRedisUrl, type RedisAddress } from "../model/address/redis_url.ts";

/** A connection that comes up with the first call and again whenever it is lost. */
export interface RedisConnection {
  /**
   * Sends a command and gives its reply as Redis means it (a hash is a flat list).
   *
   * Waits for the connection, but no longer than the call's limit. A command is never sent twice: where the connection
   * breaks before the reply, `TransientError`, and it may have been carried out. `PermanentError` where the server
   * refuses it. Neither ever shows the password.
   */
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  /** The address without user and password, for messages. */
  readonly description: string;
  /** Whom the server takes the program for. */
  readonly user: string;
  close(): Promise<void>;
}

export interface RedisConnectionOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The longest a call takes, connecting included. Default: 5 s. */
  readonly callMsMax?: number;
  /** The certificate authorities that TLS trusts, in PEM. Default: the platform's. */
  readonly certificateAuthorities?: string;
}

/** Waits between tries to connect; the tries never end, calls do. */
const RECONNECT = { firstMs: 100, maxMs: 3000 };

/**
 * Opens nothing yet: the first call connects.
 *
 * @throws {PermanentError} if the URL is none `parseRedisUrl` can read.
 */
export function connectRedis(url: string, options: RedisConnectionOptions): RedisConnection {
  const { clock, callMsMax = 5000 } = options;
  const address = parseRedisUrl(url);
  const description = describeRedis(address);
  const secrets = [address.password, address.sentinelPassword].filter((each) => each !== undefined);
  const client = createClient(address, options);
  const connection = watch(client);
  const sending = client instanceof Cluster ? firstAlone(client) : atOnce;
  const noAnswer = () =>
    connection.failure() ?? new TransientError(`no answer within ${formatDuration(callMsMax)}`);
  return {
    description,
    user: address.username ?? "default",
    async call(command, ...args) {
      let expired = false;
      const send = (): Promise<unknown> => {
        // The caller has given up: a command sent now would surprise it.
        if (expired) throw noAnswer();
        return client.call(command, ...args);
      };
      const sent = connection.ready().then(() => sending(send));
      try {
        return await withTimeout(clock, callMsMax, sent, noAnswer);
      } catch (error) {
        expired = true;
        const reason = error instanceof TransientError ? new Error(errorMessage(error)) : error;
        throw asRedisError(`call ${command} on ${description}`, reason, secrets);
      }
    },
    close() {
      client.disconnect();
      return Promise.resolve();
    },
  };
}

type Sending = <T>(send: () => Promise<T>) => Promise<T>;

const atOnce: Sending = (send) => send();

/**
 * A Cluster that keeps no commands for later refuses those to a node that is being connected, and the first command
 * connects it. (Commands that it keeps would be sent when their callers have given up.) All keys of a pipeline lie on one
 * node.
 */
function firstAlone(client: Cluster): Sending {
  const first = oneFirst();
  client.on("+node", () => first.again());
  return (send) => first.run(send);
}

interface Watched {
  /** Resolves once commands can be sent; starts to connect where nothing does. Rejects when closed. */
  ready(): Promise<void>;
  /** Why there is no connection. */
  failure(): Error | undefined;
}

/** Keeps one promise for all who wait for the connection, and the reason why it is not there. */
function watch(client: Redis | Cluster): Watched {
  let failure: Error | undefined;
  let waiting: PromiseWithResolvers<void> | undefined;
  client.on("error", (error: Error) => {
    failure = rootOf(error);
    // A server that refuses the login will not change its mind while somebody waits.
    if (!isPermanentReply(failure)) return;
    waiting?.reject(failure);
    waiting = undefined;
  });
  client.on("ready", () => {
    failure = undefined;
    waiting?.resolve();
    waiting = undefined;
  });
  client.on("end", () => {
    waiting?.reject(new TransientError("the connection is closed"));
    waiting = undefined;
  });
  return {
    failure: () => failure,
    ready() {
      if (client.status === "ready") return Promise.resolve();
      if (client.status === "end") {
        return Promise.reject(new TransientError("the connection is closed"));
      }
      if (waiting === undefined) {
        waiting = Promise.withResolvers<void>();
        // Who waits learns of it; a rejection that nobody waits for is no fault.
        waiting.promise.catch(() => undefined);
      }
      const { promise } = waiting;
      // A first try that fails is told by the event "error" and followed by the next.
      if (client.status === "wait") client.connect().catch(() => undefined);
      return promise;
    },
  };
}

/** A Cluster's own error says nothing; the one of the node that was asked last does. */
function rootOf(error: Error & { lastNodeError?: Error }): Error {
  return error.lastNodeError ?? error;
}

function createClient(address: RedisAddress, options: RedisConnectionOptions): Redis | Cluster {
  const retry = (attempt: number) => backoffMs(attempt, RECONNECT, options.random);
  const login = {
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.tls ? { tls: tlsOptions(options) } : {}),
    connectTimeout: options.callMsMax ?? 5000,
    // A server that vanished without a word leaves a connection that the system keeps for a quarter of an hour.
    socketTimeout: options.callMsMax ?? 5000,
    // A command is sent when there is a connection, and once: what is sent twice is its caller's choice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // After a failover the old primary still answers: the name, or the Sentinels, know the new one.
    reconnectOnError: (error: Error) => isReplicaReply(error.message),
    // What every server speaks, and what a user with few rights may say.
    protocol: 2,
    disableClientInfo: true,
  } as const;
  switch (address.topology) {
    case "standalone":
      return new Redis({
        ...login,
        ...address.nodes[0]!,
        db: address.db,
        lazyConnect: true,
        retryStrategy: retry,
      });
    case "sentinel":
      return new Redis({ ...login, ...sentinelOptions(address, options, retry) });
    case "cluster":
      return new Cluster([...address.nodes], {
        redisOptions: login,
        lazyConnect: true,
        enableOfflineQueue: false,
        clusterRetryStrategy: retry,
        // Zero: a command whose connection broke is not sent to another node either.
        retryDelayOnFailover: 0,
      });
  }
}

function sentinelOptions(
  address: RedisAddress,
  options: RedisConnectionOptions,
  retry: (attempt: number) => number,
) {
  const { master, sentinelUsername, sentinelPassword } = address;
  return {
    sentinels: [...address.nodes],
    ...(master === undefined ? {} : { name: master }),
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(address.tls ? { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(options) } : {}),
    db: address.db,
    lazyConnect: true,
    retryStrategy: retry,
    sentinelRetryStrategy: retry,
  } satisfies RedisOptions;
}

function tlsOptions(options: RedisConnectionOptions): { ca?: string } {
  const ca = options.certificateAuthorities;
  return ca === undefined ? {} : { ca };
}
