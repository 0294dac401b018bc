import { hostInUrl, PORT_MAX } from "./http_address.ts";
import { PermanentError } from "../errors.ts";

/** Where a Redis is and how to log in. Holds secrets: never shown; `describeRedis` is. */
export interface RedisAddress {
  readonly topology: "standalone" | "sentinel" | "cluster";
  readonly nodes: readonly RedisNode[];
  readonly tls: boolean;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  /** The name of the master that Sentinels are asked for. */
  readonly master?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `redis://user:password@host:6379/0`, `redis+sentinel://h1:26379,h2:26379/master/0` (with
 * `?sentinelUsername=` and `?sentinelPassword=` where the Sentinels ask for their own) and
 * `redis+cluster://h1:6379,h2:6379`; each with `rediss` for TLS. User and password are percent-encoded.
 *
 * @throws {PermanentError} saying what is wrong, never showing the URL: it may hold a password.
 */
export function parseRedisUrl(url: string): RedisAddress {
  try {
    return read(url);
  } catch (error) {
    if (!(error instanceof WrongUrl)) throw error;
    throw new PermanentError(
      `Cannot use the Redis URL (not shown, it may hold a password): ${error.message}`,
    );
  }
}

/** What is wrong with the URL, without showing it; undefined if nothing is. */
export function redisUrlFault(url: string): string | undefined {
  try {
    read(url);
    return undefined;
  } catch (error) {
    if (error instanceof WrongUrl) return error.message;
    throw error;
  }
}

function read(url: string): RedisAddress {
  const match = FORM.exec(url.trim());
  if (match === null) {
    throw new WrongUrl(
      "it must look like redis://user:password@host:6379/0 (or rediss, redis+sentinel, redis+cluster), " +
        "with @ / ? # % in user or password percent-encoded",
    );
  }
  const [, secure, kind, login, hosts, path = "", query = ""] = match;
  const topology = (kind ?? "standalone") as RedisAddress["topology"];
  const port = topology === "sentinel" ? 26379 : 6379;
  return {
    topology,
    nodes: parseNodes(hosts!, topology, port),
    tls: secure === "s",
    ...parseLogin(login),
    ...parsePath(path, topology),
    ...parseQuery(query, topology),
  };
}

/** The address for messages: no user, no password. */
export function describeRedis(address: RedisAddress): string {
  const scheme = address.tls ? "rediss" : "redis";
  const kind = address.topology === "standalone" ? "" : `+${address.topology}`;
  const nodes = address.nodes.map(({ host, port }) => `${hostInUrl(host)}:${port}`);
  const master = address.master === undefined ? "" : `/${address.master}`;
  return `${scheme}${kind}://${nodes.join(",")}${master}`;
}

/** How each of them begins; `redisUrlFault` knows the rest. */
export const REDIS_URL_START = /^rediss?(\+sentinel|\+cluster)?:\/\/\S+$/;

const FORM =
  /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/?#]*)@)?([^@/?#]+)(\/[^@?#]*)?(\?[^@#]*)?$/;

function parseNodes(
  hosts: string,
  topology: RedisAddress["topology"],
  defaultPort: number,
): RedisNode[] {
  const nodes = hosts.split(",").map((text) => {
    const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text);
    const port = Number(match?.[3] ?? defaultPort);
    if (match === null || port < 1 || port > PORT_MAX) {
      throw new WrongUrl(`a host is not of the form name:port with a port from 1 to ${PORT_MAX}`);
    }
    return { host: match[1] ?? match[2]!, port };
  });
  if (topology === "standalone" && nodes.length > 1) {
    throw new WrongUrl(
      `it has ${nodes.length} hosts: only redis+sentinel and redis+cluster have several`,
    );
  }
  return nodes;
}

function parseLogin(login: string | undefined): Pick<RedisAddress, "username" | "password"> {
  if (login === undefined || login === "") return {};
  const colon = login.indexOf(":");
  if (colon < 0) {
    throw new WrongUrl("it has a user but no password; a password alone is :password@");
  }
  const username = decodePart(login.slice(0, colon), "user");
  const password = decodePart(login.slice(colon + 1), "password");
  if (password === "") throw new WrongUrl("its password is empty");
  return username === "" ? { password } : { username, password };
}

function parsePath(
  path: string,
  topology: RedisAddress["topology"],
): Pick<RedisAddress, "db" | "master"> {
  const parts = path.split("/").filter((part) => part !== "");
  const master = topology === "sentinel" ? decodePart(parts.shift() ?? "", "master") : undefined;
  if (master === "") {
    throw new WrongUrl("the master's name is missing: redis+sentinel://h1,h2/NAME/0");
  }
  const db = parts.shift() ?? "0";
  if (!/^\d{1,5}$/.test(db) || parts.length > 0) {
    throw new WrongUrl("its path is not a database number");
  }
  if (topology === "cluster" && db !== "0") throw new WrongUrl("a Cluster has no database but 0");
  return master === undefined ? { db: Number(db) } : { db: Number(db), master };
}

function parseQuery(
  query: string,
  topology: RedisAddress["topology"],
): Pick<RedisAddress, "sentinelUsername" | "sentinelPassword"> {
  const known = topology === "sentinel" ? ["sentinelUsername", "sentinelPassword"] : [];
  const out: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    if (!known.includes(name)) throw new WrongUrl(`its parameter "${name}" is not known`);
    out[name] = value;
  }
  return out;
}

function decodePart(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new WrongUrl(`its ${what} is not percent-encoded`);
  }
}

/** Its message is a reason, and begins small. */
class WrongUrl extends Error {}
