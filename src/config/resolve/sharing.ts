import type {
  DestinationTarget,
  HttpOptions,
  LockOptions,
  RedisOptions,
  StateStoreTarget,
} from "../config.ts";
import { parseHttpAddress, PORT_MAX } from "../../model/address/http_address.ts";
import { redisUrlFault } from "../../model/address/redis_url.ts";
import { directoryOf } from "./destination_target.ts";
import { omitUndefined } from "../omit_undefined.ts";
import type { Resolution } from "./resolution.ts";

/** Where last positions are kept; undefined where that cannot be said. */
export function resolveStateStore(
  resolution: Resolution,
  destination: DestinationTarget | undefined,
): StateStoreTarget | undefined {
  const { STATE_STORE: store, STATE_EXPIRY: expiryMs, REDIS_URL: url } = resolution.values;
  if (resolution.isBroken("STATE_STORE", "REDIS_URL")) return undefined;
  if (store === "redis" && url === undefined) {
    resolution.fault("STATE_STORE", "The store redis needs REDIS_URL.", "Set REDIS_URL.");
    return undefined;
  }
  if (store === "redis" || (store === undefined && url !== undefined)) {
    return omitUndefined({ kind: "redis" as const, expiryMs });
  }
  if (expiryMs !== undefined) {
    resolution.fault("STATE_EXPIRY", "Only states in Redis expire.", "Take it away.");
  }
  if (store === "memory") return { kind: "memory" };
  if (store !== undefined) {
    const directory = directoryOf(store);
    if (directory !== undefined) return { kind: "file", directory };
    resolution.fault("STATE_STORE", "The directory's name cannot be read.", "Write a % as %25.");
    return undefined;
  }
  if (destination?.scheme !== "file") return { kind: "memory" };
  return { kind: "file", directory: `${destination.directory}/_tributary/state` };
}

/** How streams are shared with other copies. */
export function resolveLock(resolution: Resolution): LockOptions {
  const { values } = resolution;
  const ttlMs = values.DISTRIBUTED_LOCK_TTL;
  const refreshIntervalMs = values.DISTRIBUTED_LOCK_REFRESH_INTERVAL;
  const timing = ["DISTRIBUTED_LOCK_TTL", "DISTRIBUTED_LOCK_REFRESH_INTERVAL"] as const;
  if (!resolution.isBroken(...timing) && refreshIntervalMs >= ttlMs / 2) {
    resolution.fault(
      "DISTRIBUTED_LOCK_REFRESH_INTERVAL",
      "It must be less than half of DISTRIBUTED_LOCK_TTL, or one lost refresh loses the lease.",
      "Make it a third of DISTRIBUTED_LOCK_TTL.",
    );
  }
  return {
    kind: lockKind(resolution),
    isChosen: values.LEASES !== "auto" || values.DISTRIBUTED_LOCK_ENABLED === true,
    ttlMs,
    refreshIntervalMs,
    retryIntervalMs: values.DISTRIBUTED_LOCK_RETRY_INTERVAL,
    keyPrefix: values.DISTRIBUTED_LOCK_KEY,
  };
}

/** The address of Redis, checked as far as that goes without asking anybody. */
export function resolveRedis(resolution: Resolution): RedisOptions | undefined {
  const url = resolution.values.REDIS_URL;
  if (url === undefined) return undefined;
  const fault = redisUrlFault(url);
  if (fault !== undefined) {
    resolution.fault("REDIS_URL", `${fault[0]!.toUpperCase()}${fault.slice(1)}.`);
  }
  return { url };
}

/** The HTTP server; undefined where there shall be none. */
export function resolveHttp(resolution: Resolution): HttpOptions | undefined {
  const { values } = resolution;
  const { HTTP_TLS_CERT: certPath, HTTP_TLS_KEY: keyPath } = values;
  if (certPath !== undefined && keyPath === undefined) {
    resolution.fault("HTTP_TLS_CERT", "It needs HTTP_TLS_KEY.", "Set both or none.");
  }
  if (keyPath !== undefined && certPath === undefined) {
    resolution.fault("HTTP_TLS_KEY", "It needs HTTP_TLS_CERT.", "Set both or none.");
  }
  if (values.HTTP_ADDRESS === "none") return undefined;
  const address = parseHttpAddress(values.HTTP_ADDRESS);
  if (address === undefined) {
    resolution.fault("HTTP_ADDRESS", `The port must be a number from 0 to ${PORT_MAX}.`);
    return undefined;
  }
  return omitUndefined({
    isChosen: resolution.isGiven("HTTP_ADDRESS"),
    ...address,
    token: values.HTTP_TOKEN,
    tls: certPath === undefined || keyPath === undefined ? undefined : { certPath, keyPath },
  });
}

function lockKind(resolution: Resolution): LockOptions["kind"] {
  const { LEASES: leases, DISTRIBUTED_LOCK_ENABLED: enabled, REDIS_URL: url } = resolution.values;
  const hasRedis = url !== undefined || resolution.isBroken("REDIS_URL");
  if (resolution.isBroken("LEASES")) return "memory";
  if (enabled === false && leases !== "auto" && leases !== "memory") {
    resolution.fault(
      "DISTRIBUTED_LOCK_ENABLED",
      `It shares nothing, and LEASES=${leases} does.`,
      "Take DISTRIBUTED_LOCK_ENABLED away.",
    );
  }
  if (enabled === true && leases === "memory") {
    resolution.fault(
      "DISTRIBUTED_LOCK_ENABLED",
      "It shares streams, and LEASES=memory does not.",
      "Take one of the two away.",
    );
  }
  if (leases === "redis" && !hasRedis) {
    resolution.fault("LEASES", "Leases in Redis need REDIS_URL.", "Set REDIS_URL.");
  }
  if (leases !== "auto") return leases;
  if (enabled === false) return "memory";
  return hasRedis ? "redis" : "destination";
}
