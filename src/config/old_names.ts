import type { SettingName } from "./schema.ts";

/** A name that a setting has in a system that this program takes the place of. */
interface OldName {
  /** What has its task here; none where nothing needs it. */
  readonly settings: readonly SettingName[];
  readonly text: string;
}

const OLD_NAMES: ReadonlyMap<string, OldName> = new Map(Object.entries<OldName>({
  RUST_LOG: { settings: ["LOG_LEVEL"], text: "set LOG_LEVEL to debug, info, warn or error" },
  SERVER_PORT: { settings: ["HTTP_ADDRESS"], text: "set HTTP_ADDRESS, as :8081" },
  MANAGER_PORT: { settings: ["HTTP_ADDRESS"], text: "set HTTP_ADDRESS, as :8081" },
  PROCESSING_INTERVAL: {
    settings: ["BATCH_TIMEOUT"],
    text: "set BATCH_TIMEOUT: events are read as they come, and stored when a batch is so old",
  },
  MAX_PROCESSING_TIME: {
    settings: [],
    text: "nothing needs its place: a loop that hangs no longer refreshes its lease",
  },
  DB_HOST: { settings: ["MONGODB_URI"], text: "set MONGODB_URI, as mongodb://host:27017/" },
  DB_PORT: { settings: ["MONGODB_URI"], text: "set MONGODB_URI, as mongodb://host:27017/" },
  DB_NAME: { settings: ["MONGODB_DATABASE"], text: "set MONGODB_DATABASE" },
  REDIS_HOST: { settings: ["REDIS_URL"], text: "set REDIS_URL, as redis://host:6379" },
  REDIS_PORT: { settings: ["REDIS_URL"], text: "set REDIS_URL, as redis://host:6379" },
  REDIS_PASSWORD: {
    settings: ["REDIS_URL"],
    text: "set REDIS_URL, as redis://:PASSWORD@host:6379",
  },
  BATCH_TIMEOUT_MS: { settings: ["BATCH_TIMEOUT"], text: "set BATCH_TIMEOUT with a unit, as 30s" },
  RETRY_DELAY_MS: { settings: ["RETRY_DELAY"], text: "set RETRY_DELAY with a unit, as 1s" },
  MAX_RETRY_DELAY_MS: {
    settings: ["MAX_RETRY_DELAY"],
    text: "set MAX_RETRY_DELAY with a unit, as 60s",
  },
  NUM_WORKERS: {
    settings: ["ENCODERS", "PARTITIONS"],
    text: "set ENCODERS for threads, or PARTITIONS for streams of one collection",
  },
}));

/** What Kubernetes sets in each pod where a service is called `redis` or `db`. */
const SERVICE_LINK = /^tcp:\/\//;

/** A variable that means something elsewhere and nothing here. */
export interface IdleVariable {
  readonly name: string;
  /** Begins in small letters: `set LOG_LEVEL to ...`. */
  readonly instead: string;
}

/** The variables of other systems that are set while no setting that takes their place is. Their values are not shown. */
export function idleVariables(
  env: (name: string) => string | undefined,
  isGiven: (name: SettingName) => boolean,
): IdleVariable[] {
  return [...OLD_NAMES].flatMap(([name, { settings, text }]) => {
    const value = env(name)?.trim() ?? "";
    if (value === "" || SERVICE_LINK.test(value) || settings.some(isGiven)) return [];
    return [{ name, instead: text }];
  });
}

/** What to do instead of writing a flag or key that another system knows; undefined for any other word. */
export function insteadOf(word: string): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[_-]/g, "");
  const known = [...OLD_NAMES].find(([name]) => plain(name) === plain(word));
  return known === undefined ? undefined : known[1].text;
}
