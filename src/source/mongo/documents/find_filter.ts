import { BSON, type Document, type MongoClient } from "mongodb";
import { errorMessage, PermanentError } from "../../../model/errors.ts";
import type { NamespaceName } from "../../../pipeline/namespaces.ts";
import { classifyError, serverErrorCode } from "../classify_error.ts";

/** BadValue, FailedToParse, TypeMismatch, IndexNotFound ($text without one), NoQueryExecutionPlans: it is the filter. */
const FILTER_CODES = [2, 9, 14, 27, 291];

/** From here on the server has no names for what it does not take. */
const ASSERTION_CODE_MIN = 10_000;

/** The filter of a plan behind the bounds of a part. */
export function whereStages(where: string | undefined): Document[] {
  return where === undefined ? [] : [{ $match: parse(where) }];
}

/** Lets the server look at a filter as a snapshot asks for it, without reading anything. */
export async function checkFilter(
  client: MongoClient,
  { database, collection }: NamespaceName,
  where: string,
  signal: AbortSignal,
): Promise<string> {
  const filter = filterOf(where);
  const pipeline = [{ $match: filter }, { $sort: { _id: 1 } }];
  const aggregate = { aggregate: collection, pipeline, cursor: {}, hint: { _id: 1 } };
  try {
    await client.db(database).command({ explain: aggregate, verbosity: "queryPlanner" }, {
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    const known = classifyError(error, `filter ${database}.${collection}`);
    const code = serverErrorCode(error) ?? 0;
    const isRefused = code >= ASSERTION_CODE_MIN && known instanceof PermanentError;
    if (!isRefused && !FILTER_CODES.includes(code)) throw known;
    throw new PermanentError(`Cannot use the filter ${where}: ${(error as Error).message}`);
  }
  return BSON.EJSON.stringify(filter, { relaxed: false });
}

function filterOf(where: string): Document {
  try {
    const filter: unknown = parse(where);
    // A number is an object too, of the driver.
    if (Object.getPrototypeOf(filter) === Object.prototype) return filter as Document;
  } catch (error) {
    throw new PermanentError(`Cannot read the filter ${where} as JSON: ${errorMessage(error)}`);
  }
  throw new PermanentError(`Cannot use the filter ${where}: it is no object such as {"a": 1}`);
}

/** Types stay what they are written as, so that the server sees what the person meant. */
function parse(where: string): Document {
  return BSON.EJSON.parse(where, { relaxed: false });
}
