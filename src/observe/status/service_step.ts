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

const NETWORK_STEPS: readonly (readonly [RegExp, (setting: string) => string])[] = [
  [
    /ECONNREFUSED|connection refused/i,
    (setting) => `Start it, or correct the address in ${setting}: nothing listens there.`,
  ],
  [
    /ENOTFOUND|EAI_AGAIN|lookup address|dns error/i,
    (setting) => `Correct the name in ${setting}, or the DNS: it is not known here.`,
  ],
  [
    /no answer within|ETIMEDOUT|timed out|TimeoutError|socket hang up/i,
    () => "Look at its machine and at firewalls on the way: it hangs, or packets get lost.",
  ],
];

/** The next step; undefined where the reason does not say it. */
export function stepByReason(name: ServiceName, reason: string | null): string | undefined {
  if (reason === null) return undefined;
  const ofFiles = name === "destination" ? FILE_STEPS : [];
  const file = ofFiles.find(([words]) => words.test(reason))?.[1];
  return file ?? NETWORK_STEPS.find(([words]) => words.test(reason))?.[1](SETTINGS[name]);
}
