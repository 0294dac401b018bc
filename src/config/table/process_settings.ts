import { HTTP_ADDRESS_FORM } from "../../model/address/http_address.ts";
import { REDIS_URL_START } from "../../model/address/redis_url.ts";
import { boolean, duration, oneOf, text } from "./kinds.ts";
import type { Setting } from "./setting.ts";

/** What a pipeline is called and where its last positions are kept. */
export const STATE_SETTINGS = {
  PIPELINE_NAME: {
    section: "State",
    kind: text(/^[A-Za-z0-9._/%~-]{1,200}$/, "1 to 200 letters, digits, or . _ - / % ~"),
    defaultNote: "from the destination: `bucket/prefix` or the directory",
    placeholder: "NAME",
    description:
      "The pipeline's name in Redis keys, metric labels and status. Copies that share work must have the same name.",
  },
  STATE_STORE: {
    section: "State",
    kind: text(/^(memory|redis|file:\/\/\/[^?#]+)$/, "memory, redis, or file:///directory"),
    defaultNote:
      "redis if REDIS_URL is set; else `_tributary/state` in a `file://` destination, or memory",
    placeholder: "STORE",
    description:
      "Where the last position and counters are kept, for people and for a fast start. The journal decides, not " +
      "this.",
  },
  STATE_EXPIRY: {
    section: "State",
    kind: duration("1m", "3650d"),
    defaultNote: "none: never",
    placeholder: "DURATION",
    description: "Redis forgets a stream's state after this time without a change.",
  },
} as const satisfies Record<string, Setting>;

/** How versions of the program live together. */
export const VERSION_SETTINGS = {
  RECORD_FORMAT: {
    section: "State",
    kind: oneOf(["auto", "1", "2", "3"]),
    default: "auto",
    placeholder: "VERSION",
    description:
      "The version of the journal's records. `auto`: the highest, as soon as all copies have known it for an hour. A " +
      "number: at once, but no higher, so that you can go back to an older tributary.",
  },
} as const satisfies Record<string, Setting>;

/** How copies of the program share streams. */
export const REDIS_SETTINGS = {
  REDIS_URL: {
    section: "Redis and leases",
    kind: text(
      REDIS_URL_START,
      "redis://host:6379/0, redis+sentinel://h1:26379,h2:26379/master/0 or redis+cluster://h1:6379,h2:6379; " +
        "rediss in front for TLS",
    ),
    secret: "userinfo",
    short: "Redis, to share streams with other copies",
    defaultNote: "none",
    placeholder: "URL",
    description:
      "The Redis through which several copies share streams: standalone, Sentinel or Cluster.",
  },
  LEASES: {
    section: "Redis and leases",
    kind: oneOf(["auto", "redis", "destination", "memory"]),
    default: "auto",
    placeholder: "WHERE",
    description:
      "Where copies agree who runs which stream. `redis`: sooner, and for many copies. `destination`: in the lake itself, " +
      "with nothing else. `memory`: one copy alone, which shares nothing. `auto`: `redis` if REDIS_URL is set, else " +
      "`destination`.",
  },
  DISTRIBUTED_LOCK_ENABLED: {
    section: "Redis and leases",
    kind: boolean(),
    defaultNote: "true unless LEASES is memory",
    placeholder: "BOOL",
    description: "The older name: false is LEASES=memory, true is LEASES=auto.",
  },
  DISTRIBUTED_LOCK_TTL: {
    section: "Redis and leases",
    kind: duration("1s", "1h"),
    default: "30s",
    placeholder: "DURATION",
    description:
      "How long a lease lives without a refresh. If a copy crashes, its streams pause for this long at most.",
  },
  DISTRIBUTED_LOCK_REFRESH_INTERVAL: {
    section: "Redis and leases",
    kind: duration("100ms", "30m"),
    default: "10s",
    placeholder: "DURATION",
    description: "How often a lease is refreshed. Less than half of the TTL.",
  },
  DISTRIBUTED_LOCK_RETRY_INTERVAL: {
    section: "Redis and leases",
    kind: duration("100ms", "1h"),
    default: "5s",
    placeholder: "DURATION",
    description: "How often a copy looks for free streams.",
  },
  DISTRIBUTED_LOCK_KEY: {
    section: "Redis and leases",
    kind: text(/^[^{}\s]{1,100}$/, "1 to 100 characters without blanks and braces"),
    default: "tributary",
    placeholder: "PREFIX",
    description: "What all keys in Redis begin with: `{PREFIX:PIPELINE}:lock:STREAM`.",
  },
  INSTANCE_NAME: {
    section: "Redis and leases",
    kind: text(/^\S(.{0,198}\S)?$/, "1 to 200 characters"),
    defaultNote: "the host name",
    placeholder: "NAME",
    description: "The name of this copy in logs and status.",
  },
} as const satisfies Record<string, Setting>;

/** The HTTP server for health, metrics and status. */
export const HTTP_SETTINGS = {
  HTTP_ADDRESS: {
    section: "HTTP",
    kind: text(
      new RegExp(`^none$|${HTTP_ADDRESS_FORM.source}`),
      "none, or host:port such as 127.0.0.1:8080, [::1]:8080, :8080",
    ),
    default: "127.0.0.1:8080",
    short: "health and metrics; none: off",
    placeholder: "ADDRESS",
    description:
      "Where health, metrics and status are served. `:8080`: on all interfaces. `none`: nowhere.",
  },
  HTTP_TOKEN: {
    section: "HTTP",
    kind: text(/^[\x21-\x7e]{8,1024}$/, "8 to 1024 printable characters without blanks"),
    secret: "whole",
    defaultNote: "none",
    placeholder: "TOKEN",
    description: "The bearer token that requests must carry. `/health` and `/ready` need none.",
  },
  HTTP_TLS_CERT: {
    section: "HTTP",
    kind: text(/^.+$/, "the path of a PEM file"),
    defaultNote: "none",
    placeholder: "FILE",
    description: "The certificate chain of the server (PEM). Needs HTTP_TLS_KEY.",
  },
  HTTP_TLS_KEY: {
    section: "HTTP",
    kind: text(/^.+$/, "the path of a PEM file"),
    defaultNote: "none",
    placeholder: "FILE",
    description: "The private key of HTTP_TLS_CERT (PEM).",
  },
  READY_MAX_LAG: {
    section: "HTTP",
    kind: duration("1s", "30d"),
    default: "5m",
    placeholder: "DURATION",
    description: "An instance that lags more than this says that it is not ready.",
  },
} as const satisfies Record<string, Setting>;

/** What the process says and how it ends. */
export const PROCESS_SETTINGS = {
  METRICS_PREFIX: {
    section: "Logs and the rest",
    kind: text(/^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/, "a letter or _, then letters, digits and _"),
    default: "tributary",
    placeholder: "NAME",
    description: "What the names of metrics begin with.",
  },
  LOG_LEVEL: {
    section: "Logs and the rest",
    kind: oneOf(["debug", "info", "warn", "error"]),
    default: "info",
    short: "debug, info, warn, error",
    reload: "logLevel",
    placeholder: "LEVEL",
    description: "The least important messages that are still written.",
  },
  LOG_FORMAT: {
    section: "Logs and the rest",
    kind: oneOf(["json", "text"]),
    defaultNote: "text on a terminal, else json",
    placeholder: "FORMAT",
    description:
      "How log lines are written. They go to standard error. On a terminal text is shorter, with levels in colour " +
      "unless NO_COLOR is set. FORCE_COLOR=1 colours text elsewhere.",
  },
  SHUTDOWN_TIMEOUT: {
    section: "Logs and the rest",
    kind: duration("1s", "1h"),
    default: "30s",
    placeholder: "DURATION",
    description: "How long a stop may take. In this time it writes what was read.",
  },
} as const satisfies Record<string, Setting>;
