import { clusterTimeOfToken } from "../../model/cluster_time.ts";
import { comparePositions, type Position, positionAfterToken } from "../../model/position.ts";
import type { EventTimes } from "./verify_options.ts";

/** Whether the first of the events lies at or before a place. Their tokens tell more than their seconds. */
export function beginsBefore({ firstMs, tokens }: EventTimes, place: Position): boolean {
  const position = positionOf(tokens?.[0]);
  return position === undefined
    ? firstMs / 1000 <= place.operationTime.t
    : comparePositions(position, place) <= 0;
}

/** Whether all events lie in the range `(from, to]`, as far as what is known of them tells. */
export function liesWithin(times: EventTimes, from: Position, to: Position): boolean {
  const [first, last] = [positionOf(times.tokens?.[0]), positionOf(times.tokens?.[1])];
  if (first === undefined || last === undefined) {
    const isAfter = times.firstMs >= from.operationTime.t * 1000;
    return isAfter && times.lastMs < (to.operationTime.t + 1) * 1000;
  }
  return comparePositions(first, from) > 0 && comparePositions(last, to) <= 0;
}

function positionOf(token: string | undefined): Position | undefined {
  if (token === undefined || clusterTimeOfToken(token) === undefined) return undefined;
  return positionAfterToken(token);
}
