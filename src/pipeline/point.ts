import { compareClusterTimes, describeClusterTime } from "../model/cluster_time.ts";
import { errorMessage, PermanentError } from "../model/errors.ts";
import { type Position, positionAt } from "../model/position.ts";
import type { Point } from "../model/start_from.ts";
import type { Stream } from "../model/stream.ts";
import type { OperatorParts } from "./operator_context.ts";
import { positionOfToken, resolveStart } from "./start_position.ts";

/** What finding a position needs of what a person's command is given. */
export type PointParts = Pick<OperatorParts, "source" | "settings" | "signal">;

/**
 * The position of a point, which the server must have reached.
 *
 * @throws {PermanentError} if it lies in the future.
 */
export async function resolvePoint(
  parts: PointParts,
  stream: Stream,
  point: Point,
): Promise<Position> {
  if (point.kind === "now" || point.kind === "earliest") {
    const { source, settings, signal } = parts;
    return await resolveStart({ source, stream, settings, options: { startFrom: point } }, signal);
  }
  if (point.kind === "token") return await pointOfToken(parts, stream, point.data);
  const position = positionAt(point.kind === "time" ? { t: point.seconds, i: 1 } : point.time);
  const { operationTime } = await parts.source.describe(parts.signal);
  if (compareClusterTimes(position.operationTime, operationTime) <= 0) return position;
  throw new PermanentError(
    `Cannot take ${describePosition(position)} as a position: the server's last operation is of ` +
      describePosition(positionAt(operationTime)),
  );
}

async function pointOfToken(
  { source, signal }: PointParts,
  stream: Stream,
  data: string,
): Promise<Position> {
  try {
    return await positionOfToken({ source, stream }, data, signal);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    throw new PermanentError(`Cannot take "${data}" as a position: ${errorMessage(error)}`);
  }
}

/** `2026-11-20T17:00:00Z (1795194000.1)`. */
export function describePosition({ operationTime }: Position): string {
  return describeClusterTime(operationTime);
}
