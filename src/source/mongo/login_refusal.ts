import { MongoServerError, MongoServerSelectionError } from "mongodb";
import { meaningOfCode } from "./server_error_codes.ts";

/** Errors that are the cause of another one, at most; who nests more deeply has made a circle. */
const CAUSES_MAX = 5;

/**
 * The server's word that it does not let us in, in whatever the driver hands on: a server that refused one connection counts
 * as unknown for seconds, and who asks for it meanwhile is told that there is none, or that the pool was cleared.
 */
export function loginRefusalIn(error: unknown): MongoServerError | undefined {
  let cause = error;
  for (let i = 0; i <= CAUSES_MAX && cause instanceof Error; i++) {
    if (isLoginRefusal(cause)) return cause;
    const servers = cause instanceof MongoServerSelectionError ? cause.reason?.servers : undefined;
    for (const { error: said } of servers?.values() ?? []) {
      const refusal = said === cause ? undefined : loginRefusalIn(said);
      if (refusal !== undefined) return refusal;
    }
    cause = cause.cause;
  }
  return undefined;
}

function isLoginRefusal(error: Error): error is MongoServerError {
  if (!(error instanceof MongoServerError) || typeof error.code !== "number") return false;
  return meaningOfCode(error.code, []) === "authentication";
}
