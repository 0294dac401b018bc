import assert from "node:assert/strict";
import {
  featureRandom,
  type Features,
  meetingRandom,
  mixingRandom,
  pickFeatures,
  sharingRandom,
  snapshotRandom,
} from "./features.ts";

const WORLDS = 1000;

Deno.test("each feature is there in a part of the worlds, and missing in most", () => {
  const worlds = Array.from({ length: WORLDS }, (_, seed) => {
    return pickFeatures(
      featureRandom(seed),
      sharingRandom(seed),
      snapshotRandom(seed),
      meetingRandom(seed),
      mixingRandom(seed),
    );
  });
  const isThere: Readonly<Record<string, (features: Features) => boolean>> = {
    transactions: ({ transactions }) => transactions,
    "last drops": ({ lastDrops }) => lastDrops,
    verbs: ({ verbs }) => verbs,
    "large events that are split": ({ splitsLargeEvents }) => splitsLargeEvents,
    copies: ({ copies }) => copies,
    "unusual targets": ({ watch }) => watch !== "usual",
    "shared change streams": ({ shares }) => shares,
    "meetings": ({ meetings }) => meetings,
    "snapshots": ({ snapshots }) => snapshots,
    "snapshots and shared change streams": ({ snapshots, shares }) => snapshots && shares,
    "snapshots with partitions or patterns": ({ mixes }) => mixes,
    "trouble where collections are divided": ({ borders }) => borders,
    "sleepers": ({ sleepers }) => sleepers,
    "shared change streams and verbs": ({ shares, verbs }) => shares && verbs,
    "shared change streams and split events": (each) => each.shares && each.splitsLargeEvents,
  };
  for (const [what, has] of Object.entries(isThere)) {
    const count = worlds.filter(has).length;
    assert(count > WORLDS / 50 && count < WORLDS / 2, `${what}: ${count} of ${WORLDS} worlds`);
  }
});
