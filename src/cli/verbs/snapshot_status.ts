import type { LakeConfig } from "../../config/config.ts";
import { snapshotKey } from "../../model/snapshot.ts";
import { sleep } from "../../support/clock.ts";
import { FLEET_SETTINGS } from "../fleet_settings.ts";
import { nothingFound } from "../text/nothing_found.ts";
import { type ShownSnapshot, snapshotJson, snapshotsText } from "../text/snapshot_text.ts";
import { EXIT, lakeConfigOrExplain, type Verb } from "../verb.ts";
import { type LakeSnapshot, type Surroundings, withSurroundings } from "../with_app.ts";

/** How often `--watch` looks: each look costs requests. */
const WATCH_MS = 3000;

/** Where a terminal's cursor goes home, and everything below it away. */
const CLEAR = "\x1b[H\x1b[J";

/** `tributary snapshot status`. */
export const snapshotStatus: Verb = {
  name: "snapshot status",
  summary: "Show how far the documents that were there are read",
  example: "tributary snapshot status shop.orders --destination s3://lake/shop --watch",
  settings: FLEET_SETTINGS,
  arguments: [{ name: "[target]", description: "shop.orders, database:shop, or a snapshot's id" }],
  options: [
    { flags: "--watch", description: "look again until all are over, or until interrupted" },
    { flags: "--json", description: "print JSON; with --watch one line for each look" },
  ],
  async run(context) {
    const { host, options, args: [word] } = context;
    const loaded = lakeConfigOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    const { config } = loaded;
    return await withSurroundings(host, async (around) => {
      const paused = await pausedKeys(config, around);
      const isWatching = options.has("watch");
      const isTerminal = isWatching && host.stdout.isTerminal;
      for (;;) {
        const found = await around.app.snapshots(config, around, (lake) => lake.list(word));
        if (found.length === 0) {
          const place = config.journal ?? config.destination;
          const said = word === undefined
            ? "tributary: There is no snapshot in this lake; what was empty needs none, and `tributary snapshot start` makes one\n"
            : nothingFound(place, `snapshot of ${word}`, "tributary snapshot status");
          host.stderr.write(said);
          return EXIT.failed;
        }
        const shown = found.map((each) => shownOf(each, paused));
        const text = options.has("json")
          ? JSON.stringify(shown.map(snapshotJson), null, isWatching ? 0 : 2) + "\n"
          : (isTerminal ? CLEAR : "") + snapshotsText(shown) + (isWatching ? "\n" : "");
        host.stdout.write(text);
        if (!isWatching || found.every(({ endedAt }) => endedAt !== null)) return EXIT.done;
        await sleep(around.tools.clock, WATCH_MS, around.signal).catch(() => {}); // Interrupted: that is the end of it.
        if (around.signal.aborted) return EXIT.done;
      }
    });
  },
};

/** Of an instance that keeps its orders to itself, nobody else knows what is paused. */
async function pausedKeys(config: LakeConfig, around: Surroundings): Promise<ReadonlySet<string>> {
  if (config.lock.kind === "memory") return new Set();
  return await around.app.meet(config, around, (meeting) => meeting.orders.paused());
}

function shownOf(snapshot: LakeSnapshot, paused: ReadonlySet<string>): ShownSnapshot {
  const { id, state, streamKey } = snapshot;
  const waits = paused.has(snapshotKey(id)) || streamKey !== null && paused.has(streamKey);
  return waits && (state === "due" || state === "running")
    ? { ...snapshot, state: "paused" }
    : snapshot;
}
