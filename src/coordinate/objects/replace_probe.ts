import type { Random } from "../../support/random.ts";
import type { SharedObjects } from "./shared_objects.ts";

const PROBE_KEY = "probe";

/** Others may probe at the same time; then one of them is refused rightly. */
const TRIES_MAX = 5;

/**
 * Whether the store replaces only the version that is named: a swap from one that was replaced before must be refused.
 * Leaves one small object. Throws what the store throws.
 */
export async function replacesByEtag(objects: SharedObjects, random: Random): Promise<boolean> {
  const text = () => `tributary wrote this to learn whether If-Match counts: ${random.uuid()}\n`;
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    await objects.create(PROBE_KEY, text());
    const first = await objects.get(PROBE_KEY);
    if (typeof first !== "object") continue;
    const second = await objects.replace(PROBE_KEY, text(), first.etag);
    if (second === undefined) continue;
    return await objects.replace(PROBE_KEY, text(), first.etag) === undefined;
  }
  return false;
}
