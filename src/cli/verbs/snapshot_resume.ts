import { snapshotOrder } from "../snapshot_order.ts";

/** `tributary snapshot resume`. */
export const snapshotResume = snapshotOrder({
  name: "resume",
  summary: "Read a paused snapshot again",
  done: "is read again",
});
