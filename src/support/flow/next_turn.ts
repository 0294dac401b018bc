import { setImmediate } from "node:timers";

/** Resolves after a turn of the event loop: what was queued for its end, such as writes to a socket, is done then. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
