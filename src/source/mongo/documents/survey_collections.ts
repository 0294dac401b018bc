import { Binary, type Document, type MongoClient, Timestamp } from "mongodb";
import { idBound } from "../../../bson/event/id_bound.ts";
import { type ClusterTime, compareClusterTimes } from "../../../model/cluster_time.ts";
import { PermanentError, TransientError } from "../../../model/errors.ts";
import { isNamespaceWanted } from "../../../model/namespace_filter.ts";
import type { Division, SurveyedCollection, SurveyRequest } from "../../../pipeline/documents.ts";
import { mapLimited } from "../../../support/flow/limited.ts";
import { readCursorReply } from "../../cursor_reply.ts";
import { classifyError } from "../classify_error.ts";
import { greet, isNotPermitted } from "../server_facts.ts";
import { listDatabases } from "../list_namespaces.ts";

/** Collections that are counted side by side. */
const COUNTS_IN_FLIGHT_MAX = 8;

/** Where a server does not say of which time its answer is. */
const NEVER: ClusterTime = { t: 0, i: 0 };

/** `_id`s looked at for each bound: so the parts come out of nearly the same size. */
const SAMPLED_A_PART = 40;

/** The collections of a target and what is known of each, as the primary has them. */
export async function surveyCollections(
  client: MongoClient,
  { stream, namespaces, floor }: SurveyRequest,
  signal: AbortSignal,
): Promise<SurveyedCollection[]> {
  try {
    await requireTime(client, floor, signal);
    const databases = stream.level === "deployment"
      ? await listDatabases(client, signal)
      : [stream.database];
    const only = stream.level === "collection" ? { name: stream.collection } : {};
    const lists = await mapLimited(databases, COUNTS_IN_FLIGHT_MAX, async (database) => {
      const command = {
        listCollections: 1,
        filter: { type: "collection", ...only },
        authorizedCollections: true,
      };
      const options = { readPreference: "primary" as const, signal };
      const infos = await client.db(database).runCursorCommand(command, options).toArray()
        .catch((error: unknown) => Promise.reject(mayNotList(database, error)));
      return infos.map((info) => ({ database, info }));
    });
    const wanted = lists.flat().filter(({ database, info: { name } }) =>
      !name.startsWith("system.") && isNamespaceWanted(namespaces, `${database}.${name}`)
    );
    return await mapLimited(wanted, COUNTS_IN_FLIGHT_MAX, async ({ database, info }) => ({
      database,
      collection: info["name"],
      uuid: (info["info"].uuid as Binary).toString("hex").replaceAll("-", ""),
      documents: (await client.db(database).command({ count: info["name"] }, { signal }))["n"],
      isCapped: info["options"]?.capped === true,
    }));
  } catch (error) {
    signal.throwIfAborted();
    throw classifyError(error, "look for the documents that are there");
  }
}

/** `find` on the collections does not do: their identities are in the list alone. */
function mayNotList(database: string, error: unknown): unknown {
  if (!isNotPermitted(error)) return error;
  return new PermanentError(
    "Cannot look for the documents that are there: the MongoDB user may not list the collections of " +
      `${database}; grant it the action \`listCollections\` on that database, or set SNAPSHOT=off`,
    { mend: "surroundings" },
  );
}

/** A server that has not come to that time may not know all collections. */
async function requireTime(client: MongoClient, floor: ClusterTime, signal: AbortSignal) {
  const { operationTime } = await greet(client, signal);
  if (compareClusterTimes(operationTime, floor) >= 0) return;
  throw new TransientError(
    "Cannot look for the documents that are there yet: the server is behind the start of the stream",
  );
}

/** Bounds and the greatest `_id` of one time. */
export async function divideCollection(
  client: MongoClient,
  { database, collection }: SurveyedCollection,
  parts: number,
  signal: AbortSignal,
): Promise<Division> {
  const read = async (command: Document, at?: ClusterTime) => {
    const atClusterTime = at === undefined ? {} : { atClusterTime: new Timestamp(at) };
    const readConcern = { level: "snapshot", ...atClusterTime };
    const options = { raw: true, signal };
    const raw = await client.db(database).command({ ...command, readConcern }, options);
    const cursor: Uint8Array = raw["cursor"];
    const { starts, atClusterTime: time } = readCursorReply(cursor);
    return { ids: Array.from(starts, (start) => idBound(cursor, start)), time };
  };
  try {
    const size = parts * SAMPLED_A_PART;
    const { ids, time } = await read({
      aggregate: collection,
      pipeline: [
        ...[{ $sample: { size } }, { $group: { _id: "$_id" } }, { $sort: { _id: 1 } }],
      ],
      cursor: { batchSize: size },
    });
    const { ids: [greatest] } = await read({
      ...{ find: collection, sort: { _id: -1 }, limit: 1, projection: { _id: 1 } },
    }, time);
    const step = Math.ceil(ids.length / parts);
    const bounds = ids.filter((id, i) => i > 0 && i % step === 0 && id !== greatest);
    const isDivided = greatest !== undefined && bounds.length > 0;
    return { at: time ?? NEVER, bounds: isDivided ? [...bounds, greatest] : [] };
  } catch (error) {
    signal.throwIfAborted();
    throw classifyError(error, `divide ${database}.${collection}`);
  }
}
