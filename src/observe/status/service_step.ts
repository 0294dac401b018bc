/** What ends the fault of a service, where its reason says it; `tributary check` would only say the reason once more. */

export type ServiceName = "mongodb" | "redis" | "destination";

/** Where the address of each stands. */
const SETTINGS: Readonly<Record<ServiceName, string>> = {
  mongodb: "MONGODB_URI",
  redis: "REDIS_URL",
  destination: "DESTINATION or S3_ENDPOINT",
};

const GOES_ON = "the streams go on by themselves";

/** Of a directory, by what the system says. */
const FILE_STEPS: readonly (readonly [RegExp, string])[] = [
  [
    /no space left|disk is full|quota (exceeded|is used up)|ENOSPC|EDQUOT/i,
    `Make room on the disk; ${GOES_ON}.`,
  ],
  [/read-only file system|mounted read-only|EROFS/i, `Mount it writable again; ${GOES_ON}.`],
  [
    /stale file handle|mount is stale|mount has lost|endpoint is not connected|ESTALE|ENOTCONN/i,
    `Mount it again; ${GOES_ON}.`,
  ],
  [
    /\(os error 13\)|file system denies it|EACCES/i,
    "Change owner or mode of the directory, so that the user of tributary may write there.",
  ],
];

/** Of a bucket. */
const BUCKET_STEPS: readonly (readonly [RegExp, string])[] = [
  [
    /there is no bucket/i,
    `Create the bucket again: ${GOES_ON}. If DESTINATION names the wrong one, correct it and restart.`,
  ],
];

/** Of a Redis that answers and takes no writes. */
const REDIS_STEPS: readonly (readonly [RegExp, string])[] = [
  [/\bOOM\b/, `Raise \`maxmemory\` of Redis, which is full: ${GOES_ON}.`],
  [/\b(MISCONF|NOREPLICAS)\b/, `Let Redis save again, or bring its replicas back: ${GOES_ON}.`],
];

const STEPS_OF = {
  mongodb: [],
  redis: REDIS_STEPS,
  destination: [...FILE_STEPS, ...BUCKET_STEPS],
} as const;

/** `where` is ` at db1:27017`, or empty. */
type NetworkStep = (setting: string, where: string) => string;

const NETWORK_STEPS: readonly (readonly [RegExp, NetworkStep])[] = [
  [
    /ECONNREFUSED|connection refused/i,
    (setting, where) =>
      `Start it${where}, or correct the address in ${setting}: nothing listens there.`,
  ],
  [
    /ENOTFOUND|EAI_AGAIN|lookup address|dns error/i,
    (setting) => `Correct the name in ${setting}, or the DNS: it is not known here.`,
  ],
  [
    /no answer within|ETIMEDOUT|timed out|TimeoutError|monitor timeout|socket hang up/i,
    (_, where) =>
      `Look at its machine and at firewalls on the way${where.replace(/^ at/, " to")}: ` +
      "it hangs, or packets get lost.",
  ],
  [
    /ECONNRESET|EPIPE|\bconnection\b.*\b(closed|broke|lost|reset)|shutdown|shut(ting)? down|quiesce/i,
    (setting, where) =>
      `See first whether it still runs${
        where || `, where ${setting} says`
      }, and what its log says ` +
      `last: it ended the connection. Once it answers, ${GOES_ON}.`,
  ],
];

/** Of more addresses the first are named. */
const ADDRESSES_NAMED_MAX = 3;

/** A host with a port, as reasons have it: a name, IPv4, or IPv6 in brackets. */
const ADDRESS = /(?<![\w.-])(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[\w.-]*[\w])?):\d{1,5}\b(?!:)/gi;

function addressesIn(reason: string): string {
  const found = [...new Set(reason.match(ADDRESS) ?? [])].slice(0, ADDRESSES_NAMED_MAX);
  return found.length === 0 ? "" : ` at ${found.join(", ")}`;
}

/** The next step; undefined where the reason does not say it. */
export function stepByReason(name: ServiceName, reason: string | null): string | undefined {
  return reason === null ? undefined : stepFor(name, reason)?.(addressesIn(reason));
}

/** Whether two reasons lead to the same step, wherever. */
export function isSameFault(name: ServiceName, a: string, b: string): boolean {
  const step = stepFor(name, a);
  return step !== undefined && step("") === stepFor(name, b)?.("");
}

function stepFor(name: ServiceName, reason: string): ((where: string) => string) | undefined {
  const own = STEPS_OF[name].find(([words]) => words.test(reason))?.[1];
  if (own !== undefined) return () => own;
  const step = NETWORK_STEPS.find(([words]) => words.test(reason))?.[1];
  return step === undefined ? undefined : (where) => step(SETTINGS[name], where);
}
