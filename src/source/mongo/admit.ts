import type { MongoClient } from "mongodb";
import { PermanentError } from "../../model/errors.ts";
import type { Position } from "../../model/position.ts";
import type { OpenRequest } from "../../pipeline/ports.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { checkHistory } from "./history.ts";
import { refuseRepeatingName } from "./repeating_name.ts";
import { greet, ifPermitted } from "./server_facts.ts";
import { listWithoutStream, refusalOf, type WithoutStream } from "./without_stream.ts";

/** Positions that are looked for in the oplog at once. */
const LOOKS_MAX = 8;

/**
 * Why collections cannot be read by a change stream of their database, which would give no sign of it: one is a view or a
 * time series, a position lies outside what the server has; or alone, as a redo reads them, because of their names. In the order of the requests; undefined for those that can.
 */
export async function admit(
  client: MongoClient,
  requests: readonly OpenRequest[],
  signal: AbortSignal,
): Promise<(Error | undefined)[]> {
  const databases = new Set(requests.flatMap(({ stream }) => {
    return stream.level === "collection" ? [stream.database] : [];
  }));
  const none = { include: [], exclude: [] };
  const [views, faults] = await Promise.all([
    ifPermitted(listWithoutStream(client, none, [...databases], signal)),
    faultsOfPositions(client, requests, signal),
  ]);
  return requests.map(({ stream, from }) => {
    const refusal = refuseRepeatingName(stream);
    if (refusal !== undefined) return refusal;
    const view = views?.find((each) => isOf(stream, each));
    if (view === undefined) return faults.get(placeOf(from));
    return new PermanentError(refusalOf(view), { mend: "configuration" });
  });
}

function isOf(stream: OpenRequest["stream"], { database, collection }: WithoutStream): boolean {
  return stream.level === "collection" && stream.database === database &&
    stream.collection === collection;
}

/** Many streams stand at one place. */
async function faultsOfPositions(
  client: MongoClient,
  requests: readonly OpenRequest[],
  signal: AbortSignal,
): Promise<Map<string, Error | undefined>> {
  const greeting = await greet(client, signal);
  const places = new Map(requests.map(({ from }) => [placeOf(from), from]));
  const faults = await mapLimited([...places], LOOKS_MAX, async ([place, from]) => {
    const fault = await checkHistory(client, greeting, from, signal).catch((error: unknown) => {
      if (error instanceof Error) return error;
      throw error;
    });
    return [place, fault ?? undefined] as const;
  });
  return new Map(faults);
}

function placeOf({ operationTime: { t, i }, data }: Position): string {
  return `${t}.${i}${data === "" ? "" : " token"}`;
}
