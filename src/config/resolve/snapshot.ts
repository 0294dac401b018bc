import type { SnapshotWish } from "../../model/snapshot_wish.ts";
import type { Resolution } from "./resolution.ts";

const NO_LATEST_STATE =
  "With FULL_DOCUMENT=off updates have no document, so the latest state could not be told from rows";

/**
 * Whether documents that are there become rows. Where nobody says so they do, unless another setting speaks against it: who names a
 * point in history to begin at gets what came after it, and `earliest` would bring many documents twice.
 */
export function resolveSnapshot(resolution: Resolution): SnapshotWish {
  const { SNAPSHOT, FULL_DOCUMENT, START_FROM } = resolution.values;
  if (SNAPSHOT === "off" || resolution.isBroken("SNAPSHOT")) return { kind: "off" };
  if (SNAPSHOT === "initial") {
    if (FULL_DOCUMENT === "off") {
      const next = "Set FULL_DOCUMENT=update-lookup, or set SNAPSHOT=off.";
      resolution.fault("SNAPSHOT", `${NO_LATEST_STATE}.`, next);
    }
    return { kind: "initial" };
  }
  if (FULL_DOCUMENT === "off") {
    const change = "set FULL_DOCUMENT=update-lookup";
    return { kind: "off", why: { reason: NO_LATEST_STATE, change } };
  }
  if (START_FROM === "now") return { kind: "where-possible" };
  const reason = `START_FROM=${START_FROM} says where in history to begin`;
  return { kind: "off", why: { reason, change: "set SNAPSHOT=initial" } };
}
