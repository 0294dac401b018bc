import { snapshotOrder } from "../snapshot_order.ts";

/** `tributary snapshot pause`. */
export const snapshotPause = snapshotOrder({
  name: "pause",
  summary: "Stop reading a snapshot, once what was read is stored; its stream goes on",
  done: "is paused",
});
