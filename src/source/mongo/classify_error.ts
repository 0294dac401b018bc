import {
  MongoAPIError,
  MongoCompatibilityError,
  MongoError,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
} from "mongodb";
import { MalformedBsonError } from "../../bson/malformed_bson_error.ts";
import {
  errorMessage,
  HistoryLostError,
  type Mend,
  PermanentError,
  TransientError,
  UnreadableEventError,
} from "../../model/errors.ts";
import { redact } from "../../support/redact.ts";
import { loginRefusalIn } from "./login_refusal.ts";
import { type ErrorMeaning, meaningOfCode } from "./server_error_codes.ts";

/**
 * The error of `model/errors.ts` that stands for one of the driver or the server.
 *
 * `action` completes "Cannot ...": `open the change stream collection:shop.orders`. Codes that may mean lost history
 * become `HistoryLostError`; whether it is really lost, only the oplog can tell (`history.ts`). Errors that are ours
 * already stay as they are. No message contains a password.
 */
export function classifyError(error: unknown, action: string): Error {
  if (isOurs(error)) return error;
  const options = { cause: error };
  const text = redact(`Cannot ${action}: `);
  if (error instanceof MongoServerError) {
    const meaning = meaningOfCode(numericCode(error), error.errorLabels);
    return ofServer(error, meaning, text, options);
  }
  const refusal = loginRefusalIn(error);
  if (refusal !== undefined) return ofServer(refusal, "authentication", text, options);
  if (error instanceof MongoServerSelectionError) {
    return new TransientError(text + redact(unreachable(error)), options);
  }
  if (isMistakeOfUse(error)) return new PermanentError(text + reason(error), options);
  if (error instanceof MalformedBsonError) {
    return new PermanentError(`${text}the server's reply is not as expected (${reason(error)})`, {
      cause: error,
    });
  }
  return new TransientError(text + reason(error), options);
}

/** The code of an error that the server answered with; undefined for all others. */
export function serverErrorCode(error: unknown): number | undefined {
  return error instanceof MongoServerError ? numericCode(error) : undefined;
}

function isOurs(error: unknown): error is Error {
  return error instanceof TransientError || error instanceof PermanentError ||
    error instanceof HistoryLostError || error instanceof UnreadableEventError;
}

function ofServer(
  error: MongoServerError,
  meaning: ErrorMeaning,
  text: string,
  options: ErrorOptions,
): Error {
  const said = reason(error);
  switch (meaning) {
    case "transient":
      return new TransientError(text + said, options);
    case "history-lost":
      return new HistoryLostError(text + said, options);
    case "image-missing":
    case "too-large":
      return new UnreadableEventError(meaning, text + said, options);
    default:
      return new PermanentError(text + advice(meaning, said), {
        ...options,
        mend: mendOf(meaning),
      });
  }
}

/** The server is what it is: what is asked of it must be another. */
function mendOf(meaning: ErrorMeaning): Mend {
  const isConfigured = ["bad-pipeline", "bad-option", "view", "internal-namespace"];
  return isConfigured.includes(meaning) ? "configuration" : "surroundings";
}

/** What the server said, or what a person can do about it. */
function advice(meaning: ErrorMeaning, said: string): string {
  switch (meaning) {
    case "authentication":
      return `MongoDB does not accept the user name, password or certificate (${said})`;
    case "authorization":
      return "the MongoDB user may not do this; it needs the role `read` on the database " +
        "(or the actions `find` and `changeStream` on the collection), for a whole deployment " +
        `\`readAnyDatabase\` (${withoutCommand(said)})`;
    case "needs-replica-set":
      return STANDALONE;
    case "bad-pipeline":
      return `MongoDB does not accept the pipeline stages (${said})`;
    case "bad-token":
      return `MongoDB does not accept the resume token (${said})`;
    case "bad-option":
      return `this version of MongoDB does not support what was asked for (${said})`;
    case "view":
      return `a view has no change stream, and neither has a time series; watch the collections ` +
        `that a view reads from (${said})`;
    case "internal-namespace":
      return `the databases admin, config and local, and system collections, have no change ` +
        `stream of their own (${said})`;
    default:
      return said;
  }
}

/** Said of a server that is not part of a replica set. */
export const STANDALONE =
  "change streams need a replica set, and this mongod is not part of one; start it with " +
  "`--replSet rs0` and run `rs.initiate()` once (one member is enough)";

/** Settings that the driver refuses before it has talked to any server. */
function isMistakeOfUse(error: unknown): boolean {
  if (error instanceof MongoParseError || error instanceof MongoCompatibilityError) return true;
  // Closed clients and expired sessions are of this class too, but no mistake of the user.
  return error instanceof MongoAPIError &&
    /^Mongo(InvalidArgument|MissingCredentials|MissingDependency|API)Error$/.test(error.name);
}

/** Names each host with what went wrong there, which the driver keeps in the error's reason; the same once. */
function unreachable(error: MongoServerSelectionError): string {
  const byFault = new Map<string, string[]>();
  for (const { address, type, error: fault } of error.reason?.servers?.values() ?? []) {
    const said = fault?.message ?? `is ${type}`;
    const text = said.endsWith(` ${address}`) ? said.slice(0, -address.length - 1) : said;
    byFault.set(text, [...byFault.get(text) ?? [], address]);
  }
  const hosts = [...byFault].map(([fault, addresses]) => `${addresses.join(", ")} (${fault})`);
  const setName = error.reason?.setName;
  const wanted = setName ? ` as replica set "${setName}"` : "";
  if (hosts.length === 0) return `no MongoDB server was found${wanted}; ${error.message}`;
  return `no usable MongoDB server${wanted} at ${hosts.join(", ")}`;
}

function numericCode(error: MongoServerError): number | undefined {
  return typeof error.code === "number" ? error.code : undefined;
}

function reason(error: unknown): string {
  const code = error instanceof MongoError && error.code !== undefined ? ` [${error.code}]` : "";
  return redact(errorMessage(error)) + code;
}

/** The server repeats the whole command when it refuses it: pages of pipeline and session. */
function withoutCommand(said: string): string {
  return said.replace(/ to execute command .*(?= \[\d+\]$)/s, "");
}
