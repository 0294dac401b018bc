import { MongoServerError } from "mongodb";
import { errorMessage, PermanentError, TransientError } from "../model/errors.ts";
export function classifyError(error: unknown, action: string): Error {
  if (error instanceof MongoServerError && error.code === 40573) return new PermanentError(action);
  return new TransientError(`Cannot ${action}: ${errorMessage(error)}`, { cause: error });
}
