import { HistoryLostError, PermanentError } from "../model/errors.ts";
import { clusterTimeOfToken } from "../model/cluster_time.ts";
import {
  type Position,
  positionAfterTime,
  positionAfterToken,
  positionAt,
} from "../model/position.ts";
import { isoTime } from "../support/clock.ts";
import type { Source } from "./stages.ts";
import type { StreamContext } from "./stream_context.ts";

/** Where the first start of a target begins. */
export type StartFrom =
  | { readonly kind: "now" }
  | { readonly kind: "earliest" }
  /** Seconds since 1970. */
  | { readonly kind: "time"; readonly seconds: number }
  | { readonly kind: "token"; readonly data: string };

/** While the oldest oplog entry is being opened it may just be deleted: so often the next oldest is tried. */
const EARLIEST_TRIES_MAX = 4;

/** What finding a start needs of a stream's context. */
export type StartContext = Pick<StreamContext, "source" | "stream" | "settings"> & {
  readonly options: Pick<StreamContext["options"], "startFrom">;
};

/** Turns the setting into a position, asking the server where it must. */
export async function resolveStart(context: StartContext, signal: AbortSignal): Promise<Position> {
  const { startFrom } = context.options;
  if (startFrom.kind === "earliest") return await openEarliest(context, signal);
  return await resolveFirstStart(context.source, startFrom, signal);
}

/** The same for a selection of collections, of which there may be none yet: the oldest position is not opened. */
export async function resolveFirstStart(
  source: Source,
  startFrom: StartFrom,
  signal: AbortSignal,
): Promise<Position> {
  switch (startFrom.kind) {
    case "now": {
      const { operationTime } = await source.describe(signal);
      return positionAfterTime(operationTime);
    }
    case "earliest":
      return await oldestPosition(source, signal);
    case "time": {
      const { operationTime } = await source.describe(signal);
      const { seconds } = startFrom;
      if (seconds > operationTime.t) {
        throw new PermanentError(
          `Cannot start at START_FROM ${isoTime(seconds * 1000)}: the server's last operation ` +
            `is of ${isoTime(operationTime.t * 1000)}; give a time that has passed, or "now"`,
        );
      }
      return positionAt({ t: seconds, i: 1 });
    }
    case "token":
      if (clusterTimeOfToken(startFrom.data) === undefined) {
        throw new PermanentError(
          `Cannot start at START_FROM "${startFrom.data}": not a MongoDB resume token`,
        );
      }
      return positionAfterToken(startFrom.data);
  }
}

/** The oldest position that can be opened; proven by opening it. */
export async function openEarliest(
  context: Omit<StartContext, "options">,
  signal: AbortSignal,
): Promise<Position> {
  for (let attempt = 1;; attempt++) {
    const position = await oldestPosition(context.source, signal);
    try {
      const request = {
        stream: context.stream,
        from: position,
        settings: context.settings,
        images: "as-set" as const,
      };
      const cursor = await context.source.open(request, signal);
      await cursor.close();
      return position;
    } catch (error) {
      if (!(error instanceof HistoryLostError) || attempt >= EARLIEST_TRIES_MAX) throw error;
    }
  }
}

async function oldestPosition(source: Source, signal: AbortSignal): Promise<Position> {
  const { oldestOplogTime } = await source.describe(signal);
  if (oldestOplogTime === undefined) {
    throw new PermanentError(
      "Cannot find the oldest entry of the oplog: the MongoDB user may not read local.oplog.rs, " +
        "or the server is a mongos; grant it, or give START_FROM a time or a resume token",
    );
  }
  return positionAt(oldestOplogTime);
}
