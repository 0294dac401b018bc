import { streamOrder } from "../stream_order.ts";

/** `tributary resume`. */
export const resume = streamOrder({
  name: "resume",
  summary: "Read a paused stream again",
  done: "is read again",
});
