import { streamOrder } from "../stream_order.ts";

/** `tributary pause`. */
export const pause = streamOrder({
  name: "pause",
  summary: "Stop reading one stream, once what was read is stored",
  done: "is paused",
});
