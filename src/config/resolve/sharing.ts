import type {
  DestinationTarget,
  HttpOptions,
  LockOptions,
  RedisOptions,
  StateStoreTarget,
} from "../config.ts";
import { directoryOf } from "./destination_target.ts";
import { omitUndefined } from "../omit_undefined.ts";
import type { Resolution } from "./resolution.ts";

const PORT_MAX = 65535;

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
export function resolveLock(
  resolution: Resolution,
  store: StateStoreTarget | undefined,
): LockOptions {
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
    kind: lockKind(resolution, store),
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
  const address = url.replace(/^[^:]+:\/\/(.*@)?/, "");
  const [hosts, ...path] = address.split("/");
  if (hosts!.split(",").some((host) => !/^(\[[0-9A-Fa-f:.]+\]|[^:,\s?]+)(:\d{1,5})?$/.test(host))) {
    resolution.fault(
      "REDIS_URL",
      "It must name a host, or several hosts with commas between them.",
    );
  } else if (url.includes("+sentinel:") && !/^[^?]+/.test(path[0] ?? "")) {
    resolution.fault(
      "REDIS_URL",
      "The path of a Sentinel address is the name of the master.",
      "Write redis+sentinel://h1:26379,h2:26379/mymaster/0.",
    );
  } else if (!/\+(sentinel|cluster):/.test(url) && hosts!.includes(",")) {
    resolution.fault(
      "REDIS_URL",
      "Several hosts are for Sentinel and Cluster.",
      "Write redis+sentinel:// or redis+cluster://.",
    );
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
  const colon = values.HTTP_ADDRESS.lastIndexOf(":");
  const port = Number(values.HTTP_ADDRESS.slice(colon + 1));
  if (port > PORT_MAX) {
    resolution.fault("HTTP_ADDRESS", `The port must be a number from 0 to ${PORT_MAX}.`);
  }
  return omitUndefined({
    isChosen: resolution.isGiven("HTTP_ADDRESS"),
    host: values.HTTP_ADDRESS.slice(0, colon).replace(/^\[|\]$/g, ""),
    port,
    token: values.HTTP_TOKEN,
    tls: certPath === undefined || keyPath === undefined ? undefined : { certPath, keyPath },
  });
}

function lockKind(
  resolution: Resolution,
  store: StateStoreTarget | undefined,
): LockOptions["kind"] {
  const { DISTRIBUTED_LOCK_ENABLED: enabled, REDIS_URL: url } = resolution.values;
  if (enabled === false) return "memory";
  if (url !== undefined || resolution.isBroken("REDIS_URL")) return "redis";
  if (enabled === undefined) return "memory";
  if (store?.kind === "file") return "file";
  resolution.fault(
    "DISTRIBUTED_LOCK_ENABLED",
    "Sharing streams needs Redis, or a directory that the copies share.",
    "Set REDIS_URL, or STATE_STORE=file:///directory.",
  );
  return "memory";
}
