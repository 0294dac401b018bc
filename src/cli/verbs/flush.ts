import { streamOrder } from "../stream_order.ts";

/** `tributary flush`. */
export const flush = streamOrder({
  name: "flush",
  summary: "Store now what was read of one stream",
  done: "is being stored",
});
