import type { Resolution } from "./resolution.ts";

/** Finds what `SNAPSHOT=initial` cannot be together with. */
export function checkSnapshot(
  resolution: Resolution,
): void {
  const { SNAPSHOT, FULL_DOCUMENT } = resolution.values;
  if (SNAPSHOT === "off" || resolution.isBroken("SNAPSHOT")) return;
  const refuse = (why: string, what: string) =>
    resolution.fault("SNAPSHOT", why, `${what}, or set SNAPSHOT=off.`);
  if (FULL_DOCUMENT === "off") {
    refuse(
      "With FULL_DOCUMENT=off updates have no document, so the latest state could not be told from rows.",
      "Set FULL_DOCUMENT=update-lookup",
    );
  }
}
