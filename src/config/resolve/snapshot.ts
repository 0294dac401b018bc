import type { Watch } from "../config.ts";
import type { Resolution } from "./resolution.ts";

/** Finds what `SNAPSHOT=initial` cannot be together with. */
export function checkSnapshot(
  resolution: Resolution,
  watch: Watch | undefined,
): void {
  const { SNAPSHOT, PARTITIONS, FULL_DOCUMENT } = resolution.values;
  if (SNAPSHOT === "off" || resolution.isBroken("SNAPSHOT")) return;
  const refuse = (why: string, what: string) =>
    resolution.fault("SNAPSHOT", why, `${what}, or set SNAPSHOT=off.`);
  if (FULL_DOCUMENT === "off") {
    refuse(
      "With FULL_DOCUMENT=off updates have no document, so the latest state could not be told from rows.",
      "Set FULL_DOCUMENT=update-lookup",
    );
  }
  if (PARTITIONS > 1) {
    refuse("Snapshots of collections that are divided are not taken yet.", "Set PARTITIONS=1");
  }
  if (watch?.level === "deployment") {
    refuse(
      "Snapshots of a whole deployment are not taken yet.",
      "Set MONGODB_DATABASE, or name whole collections in MONGODB_COLLECTIONS",
    );
  }
  if (watch?.level === "collection" && watch.listing) {
    refuse(
      "Snapshots of collections that patterns find are not taken yet.",
      "Name whole collections in MONGODB_COLLECTIONS, or set WATCH_LEVEL=database",
    );
  }
}
