import type { LakeConfig } from "../config/config.ts";
import type { Surroundings } from "./with_app.ts";

/**
 * Lets instances at work look at once for what is there by these keys. Answers how soon they do, in words: where they cannot be
 * told, they look by themselves.
 */
export async function tellInstances(
  config: LakeConfig,
  { app, ...around }: Surroundings,
  keys: readonly string[],
): Promise<"within seconds" | "within a minute"> {
  const tell = () =>
    app.meet(config, around, async ({ orders }) => {
      for (const key of keys) await orders.note(key);
      return true;
    });
  // What is to be found is in the lake: nothing depends on whether somebody was told.
  const isTold = config.lock.kind !== "memory" && await tell().catch(() => false);
  return isTold ? "within seconds" : "within a minute";
}
