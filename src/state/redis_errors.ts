import { errorMessage, PermanentError, TransientError } from "../model/errors.ts";

/**
 * An error of the Redis client as one of ours.
 *
 * The client's error does not become the cause: it carries the command with its arguments, and with AUTH those are the
 * password.
 *
 * @param action what was tried and where, `call EVAL on redis://cache:6379`
 * @param secrets texts that are blotted out of the message
 */
export function asRedisError(
  action: string,
  error: unknown,
  secrets: readonly string[],
): TransientError | PermanentError {
  if (error instanceof TransientError || error instanceof PermanentError) return error;
  const message = blot(`Cannot ${action}: ${inPlainWords(errorMessage(error))}`, secrets);
  return isPermanentReply(error) ? new PermanentError(message) : new TransientError(message);
}

/** What the client says of itself in words that only its own readers know. */
const CLIENT_WORDS: readonly (readonly [RegExp, string])[] = [
  [/enableOfflineQueue/, "there is no connection"],
  [/^Connection is closed\.$/, "the connection is closed"],
  [/^Socket timeout\.|^Command timed out$/, "no answer in time"],
  [/maxRetriesPerRequest/, "the connection broke before the answer"],
  [
    /^None of startup nodes|^Failed to refresh slots|^(Cluster|Node) is disconnect/,
    "no node of the cluster can be reached",
  ],
];

function inPlainWords(message: string): string {
  return CLIENT_WORDS.find(([words]) => words.test(message))?.[1] ?? message;
}

/** What a server says when it will have it otherwise in a while: starting, failing over, full, busy. */
const PASSING_CODES = new Set([
  ...["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "REDIRECT"],
  ...["UNBLOCKED", "BUSY", "UNKILLABLE", "NOREPLICAS", "MISCONF", "OOM"],
]);

const TOO_MANY_CLIENTS = /^ERR max number of clients/;

/** What only a server says that is no primary, or no longer. */
const REPLICA_CODES = new Set(["READONLY", "MASTERDOWN", "REDIRECT", "UNBLOCKED"]);

/**
 * Up to 6.2 a command that fails in a script fails as the script's own error, with the code further behind: `ERR Error
 * running script (call to f_82cd): @user_script:1: @user_script: 1: -READONLY You can't write ...`.
 */
const FAILED_SCRIPT = /^ERR Error running script \(call to [^)]*\):(?: @?\w+: ?\d+:)* -?/;

/** The code that a server's refusal begins with: `READONLY`, `NOPERM`, `ERR`; of a failed script its command's. */
export function replyCode(message: string): string | undefined {
  return /^[A-Z]{2,}(?= |$)/.exec(message.replace(FAILED_SCRIPT, ""))?.[0];
}

/** Whether the server has refused what was asked: that stays so, while a connection that failed may come back. */
export function isPermanentReply(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError" &&
    !PASSING_CODES.has(replyCode(error.message) ?? "") && !TOO_MANY_CLIENTS.test(error.message);
}

/** Whether the server is a replica: after a failover the primary is elsewhere, and this connection never gets there. */
export function isReplicaReply(message: string): boolean {
  return REPLICA_CODES.has(replyCode(message) ?? "");
}

function blot(message: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== "").reduce(
    (text, secret) => text.replaceAll(secret, "***"),
    message,
  );
}
