import { EventSpans, readEventSpans } from "../../bson/event/event_spans.ts";
import type { ClusterTime } from "../../model/cluster_time.ts";

const spans = new EventSpans();

/** When the first event of a reply happened; undefined where there is none, or it does not say. */
export function firstEventTime(bytes: Uint8Array, starts: Uint32Array): ClusterTime | undefined {
  const start = starts[0];
  if (start === undefined) return undefined;
  try {
    readEventSpans(bytes, start, spans);
  } catch {
    // It is no event: who takes it in will say so.
    return undefined;
  }
  const { clusterSeconds: t, clusterIncrement: i } = spans;
  return t < 0 ? undefined : { t, i };
}
