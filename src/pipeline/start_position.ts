import { errorMessage, PermanentError } from "../model/errors.ts";
import { clusterTimeOfToken, compareClusterTimes } from "../model/cluster_time.ts";
import {
  type Position,
  positionAfterTime,
  positionAfterToken,
  positionAt,
} from "../model/position.ts";
import type { StartFrom } from "../model/start_from.ts";
import { isoTime } from "../support/clock.ts";
import type { Stream } from "../model/stream.ts";
import { oldestEntry, openEarliest } from "./open_earliest.ts";
import type { StreamContext } from "./stream_context.ts";

/** What finding a start needs of a stream's context. */
export type StartContext = Pick<StreamContext, "source" | "stream" | "settings"> & {
  readonly options: Pick<StreamContext["options"], "startFrom">;
};

/** Turns the setting into a position, asking the server where it must. */
export async function resolveStart(
  context: StartContext,
  signal: AbortSignal,
): Promise<Position> {
  const { startFrom } = context.options;
  if (startFrom.kind === "earliest") return await openEarliest(context, signal);
  return await resolveFirstStart(context, startFrom, signal);
}

/**
 * The same for a selection of collections, of which there may be none yet: the oldest position is not opened, and a token
 * not given to the server.
 */
export async function resolveFirstStart(
  parts: Pick<StreamContext, "source"> & { readonly stream?: Stream },
  startFrom: StartFrom,
  signal: AbortSignal,
): Promise<Position> {
  const { source } = parts;
  switch (startFrom.kind) {
    case "now": {
      const { operationTime } = await source.describe(signal);
      return positionAfterTime(operationTime);
    }
    case "earliest":
      return positionAt(oldestEntry(await source.describe(signal)));
    case "time": {
      const { operationTime } = await source.describe(signal);
      const { seconds } = startFrom;
      if (seconds > operationTime.t) {
        throw new PermanentError(
          `Cannot start at START_FROM ${isoTime(seconds * 1000)}: the server's last operation ` +
            `is of ${isoTime(operationTime.t * 1000)}; give a time that has passed, or "now"`,
          { mend: "configuration" },
        );
      }
      return positionAt({ t: seconds, i: 1 });
    }
    case "token":
      try {
        return await positionOfToken(parts, startFrom.data, signal);
      } catch (error) {
        if (!(error instanceof PermanentError)) throw error;
        throw new PermanentError(
          `Cannot start at START_FROM "${startFrom.data}": ${errorMessage(error)}`,
          { cause: error, mend: error.mend },
        );
      }
  }
}

/**
 * The position after the event of a token that a person gives.
 *
 * @throws {PermanentError} if it is none that the server could have made, or one of a time that it has not reached.
 */
export async function positionOfToken(
  { source, stream }: Pick<StreamContext, "source"> & { readonly stream?: Stream },
  data: string,
  signal: AbortSignal,
): Promise<Position> {
  const time = clusterTimeOfToken(data);
  if (time === undefined) {
    throw new PermanentError("it is not a MongoDB resume token", { mend: "configuration" });
  }
  const { operationTime } = await source.describe(signal);
  if (compareClusterTimes(time, operationTime) > 0) {
    throw new PermanentError(
      `it is of ${isoTime(time.t * 1000)}, and the server's last operation is of ` +
        isoTime(operationTime.t * 1000),
      { mend: "configuration" },
    );
  }
  if (stream !== undefined) await source.checkToken?.(stream, data, signal);
  return positionAfterToken(data);
}
