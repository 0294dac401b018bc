/** The sentences of causes. */

/** Longer reasons are cut. */
const REASON_CHARS_MAX = 200;

interface Named {
  readonly name: string;
}

interface Said {
  readonly text: string;
  readonly reason?: string;
}

/** What somebody else said of it comes behind a colon, and stays apart as well. */
export function sentence(what: string, said: string | null): Said {
  if (said === null || said === "") return { text: `${what}.` };
  const isLong = said.length > REASON_CHARS_MAX;
  const reason = isLong ? `${said.slice(0, REASON_CHARS_MAX - 3)}..` : said.replace(/\.$/, "");
  return { text: `${what}: ${reason}${/[?!]$/.test(reason) ? "" : "."}`, reason };
}

/** `a has`, `3 streams have` */
export function streamsOf(streams: readonly Named[]): string {
  return streams.length === 1 ? `${streams[0]!.name} has` : `${streams.length} streams have`;
}

/** `a is`, `3 streams are` */
export function countOf(streams: readonly Named[]): string {
  return streams.length === 1 ? `${streams[0]!.name} is` : `${streams.length} streams are`;
}

/** The first names of many. */
export function listOf(names: readonly string[]): string {
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and others`;
}

/** Said while the leases cannot be had though the place where they lie is not known to be away. */
export const LEASES_AWAY = {
  redis: {
    text: "The leases in Redis could not be reached",
    next: "They are asked for again within seconds; if that does not help: `tributary check`.",
  },
  lake: {
    text: "The leases in the lake could not be reached",
    next: "They are asked for again within seconds; if that does not help: `tributary check`.",
  },
} as const;
