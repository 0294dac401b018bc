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
  const message = blot(`Cannot ${action}: ${errorMessage(error)}`, secrets);
  return isPermanentReply(error) ? new PermanentError(message) : new TransientError(message);
}

/** What a server says when it will have it otherwise in a while: starting, failing over, full, busy. */
const PASSING_REPLY =
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|BUSY|UNKILLABLE|NOREPLICAS|MISCONF|OOM|ERR max number of clients)/;

/** Whether the server has refused what was asked: that stays so, while a connection that failed may come back. */
export function isPermanentReply(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError" &&
    !PASSING_REPLY.test(error.message);
}

function blot(message: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== "").reduce(
    (text, secret) => text.replaceAll(secret, "***"),
    message,
  );
}
