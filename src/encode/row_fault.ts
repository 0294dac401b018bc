import type { EventSpans } from "../bson/event/event_spans.ts";

const INT32_MAX = 0x7fffffff;
/** The last millisecond, before and after 1970, that the calendars of most readers know. */
const TIME_MS_MAX = 8.64e15;

/**
 * Why the event cannot be a row: a column that is never null has nothing to hold, or a number is too large for its
 * column. Undefined if it can.
 */
export function rowFault(spans: EventSpans): string | undefined {
  if (spans.operationStart < 0) return absent("operationType");
  if (spans.databaseStart < 0) return absent("ns.db");
  if (spans.tokenStart < 0) return absent("_id._data");
  if (!(spans.clusterSeconds >= 0)) return absent("clusterTime");
  if (spans.clusterIncrement > INT32_MAX) {
    return `Cannot write cluster_increment ${spans.clusterIncrement}: it is over ${INT32_MAX}`;
  }
  if (Math.abs(spans.wallTimeMs) > TIME_MS_MAX) {
    return `Cannot write wall_time ${spans.wallTimeMs}: it is over ${TIME_MS_MAX} ms from 1970`;
  }
  return undefined;
}

function absent(field: string): string {
  return `Cannot make a row of an event without ${field}`;
}
