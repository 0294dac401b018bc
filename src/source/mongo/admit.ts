import type { MongoClient } from "mongodb";
import type { OpenRequest } from "../../pipeline/ports.ts";
import { PermanentError } from "../../model/errors.ts";
import { checkHistory } from "./history.ts";
import { greet, ifPermitted } from "./server_facts.ts";
import { listWithoutStream, refusalOf } from "./without_stream.ts";

/**
 * Refuses what a change stream of a database would read in silence: a view or a time series, a position that lies outside
 * what the server has.
 */
export async function admit(
  client: MongoClient,
  { stream, from }: OpenRequest,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all([
    greet(client, signal).then((greeting) => checkHistory(client, greeting, from, signal)),
    stream.level === "collection"
      ? refuseView(client, stream.database, stream.collection, signal)
      : undefined,
  ]);
}

async function refuseView(
  client: MongoClient,
  database: string,
  collection: string,
  signal: AbortSignal,
): Promise<void> {
  const filter = { include: [`${database}.${collection}`], exclude: [] };
  const found = await ifPermitted(listWithoutStream(client, filter, [database], signal));
  const view = found?.find((each) => each.collection === collection);
  if (view !== undefined) throw new PermanentError(refusalOf(view), { mend: "configuration" });
}
