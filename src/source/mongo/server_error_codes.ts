/**
 * What the server's error codes mean for a change stream (MongoDB `src/mongo/base/error_codes.yml`, and for resuming
 * the drivers' change stream specification, "Resumable Error").
 */
export type ErrorMeaning =
  | "transient"
  | "permanent"
  | "history-lost"
  | "image-missing"
  | "too-large"
  | "authentication"
  | "authorization"
  | "needs-replica-set"
  | "bad-pipeline"
  | "bad-token"
  | "bad-option"
  | "view"
  | "internal-namespace";

const MEANINGS: Readonly<Record<ErrorMeaning, readonly number[]>> = {
  // Network, elections, shutdowns, time limits, cursors that are gone, a router's stale view of the shards.
  "transient": [
    ...[6, 7, 24, 26, 43, 46, 50, 63, 64, 89, 91, 112, 117, 133, 134, 136, 150, 175, 189, 202],
    ...[211, 234, 237, 239, 246, 262, 279, 317, 358, 384, 391, 462],
    ...[9001, 10058, 10107, 11600, 11601, 11602, 13388, 13435, 13436],
  ],
  "history-lost": [260, 280, 286],
  "image-missing": [47],
  "too-large": [10334, 13548],
  "authentication": [11, 18, 334, 8000],
  "authorization": [13, 31],
  "needs-replica-set": [40573],
  // Unrecognized stage, $group and its like, operators, and expressions that the server cannot parse.
  "bad-pipeline": [2, 14, 15, 16, 20, 168, 238, 241, 40324, 40602, 50988],
  "bad-token": [9, 40647, 40648, 40649, 50795, 50872, 50873],
  // A field of $changeStream or of the command that this server does not know.
  "bad-option": [59, 72, 115, 303, 304, 40414, 40415, 51046],
  "view": [166],
  "internal-namespace": [73],
  "permanent": [],
};

/** Codes from here on are assertions in the server's own code, mostly about what it was asked to do. */
const ASSERTION_CODE_MIN = 10_000;

/** Labels by which the server or the driver says that trying again makes sense. */
const RETRY_LABELS: readonly string[] = [
  "ResumableChangeStreamError",
  "RetryableWriteError",
  "TransientTransactionError",
  "RetryableError",
  "SystemOverloadedError",
  "NetworkError",
];

const MEANING_OF_CODE: ReadonlyMap<number, ErrorMeaning> = new Map(
  Object.entries(MEANINGS).flatMap(([meaning, codes]) =>
    codes.map((code) => [code, meaning as ErrorMeaning] as const)
  ),
);

/**
 * The meaning of an error that the server answered with. A code in no table is transient where a label says so or where
 * it is below 10,000; above, it is an assertion, and repeating the same request would fail in the same way.
 */
export function meaningOfCode(code: number | undefined, labels: readonly string[]): ErrorMeaning {
  const known = code === undefined ? undefined : MEANING_OF_CODE.get(code);
  if (known !== undefined) return known;
  if (labels.some((label) => RETRY_LABELS.includes(label))) return "transient";
  return code !== undefined && code >= ASSERTION_CODE_MIN ? "permanent" : "transient";
}
