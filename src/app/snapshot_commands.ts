import type { Config, LakeConfig } from "../config/config.ts";
import { streamSettings } from "../config/stream_settings.ts";
import type { SnapshotEnd } from "../model/snapshot.ts";
import { ENCODER_VERSION } from "../model/columns.ts";
import { assertJournalPlace } from "../journal/journal_place.ts";
import { createObjectJournal } from "../journal/object_journal.ts";
import { createObjectLayouts } from "../journal/object_layouts.ts";
import { createObjectSnapshots } from "../journal/object_snapshots.ts";
import { type AskedSnapshot, askSnapshot as ask } from "../operate/ask_snapshot.ts";
import {
  cancelSnapshots,
  endsOfAll,
  readSnapshots,
  type SnapshotReport,
  unfinishedSnapshots,
} from "../operate/snapshot_report.ts";
import { withResources } from "./adapters.ts";
import type { Command } from "./commands.ts";

/** What a person can see and do of a lake's snapshots without MongoDB; `word` names what they are of. */
export interface LakeSnapshots {
  list(word?: string): Promise<SnapshotReport[]>;
  /** The ids of those that are not at their end. */
  unfinished(word: string): Promise<string[]>;
  cancel(word: string): Promise<string[]>;
  /** Of all that are at their end. */
  ends(): Promise<SnapshotEnd[]>;
}

export function snapshots<T>(
  config: LakeConfig,
  command: Command,
  work: (snapshots: LakeSnapshots) => Promise<T>,
): Promise<T> {
  return withResources(config, command, async (resources) => {
    const places = await resources.places({ forProbe: true });
    await assertJournalPlace(places);
    command.reached();
    const { clock } = command.tools;
    const files = createObjectSnapshots(places.lake);
    const { lake } = places;
    const parts = {
      ...{ files, journal: createObjectJournal(lake), layouts: createObjectLayouts(lake), clock },
    };
    return await work({
      list: (word) => readSnapshots(parts, word),
      unfinished: (word) => unfinishedSnapshots(files, word),
      cancel: (word) => cancelSnapshots(parts, word),
      ends: () => endsOfAll(files),
    });
  });
}

/** Makes a snapshot due; see `operate/ask_snapshot.ts`. */
export function askSnapshot(
  config: Config,
  command: Command,
  word: string,
  where: string | undefined,
): Promise<AskedSnapshot> {
  const { tools: { clock }, signal } = command;
  return withResources(config, command, async (resources) => {
    const source = resources.source();
    const places = await resources.places({ forProbe: true });
    await Promise.all([source.describe(signal), assertJournalPlace(places)]);
    command.reached();
    const { lake } = places;
    const settings = streamSettings(config, ENCODER_VERSION);
    return await ask(
      {
        ...{ source, settings, clock, signal, documents: source.documents },
        journal: createObjectJournal(lake),
        layouts: createObjectLayouts(lake),
        files: createObjectSnapshots(lake),
      },
      word,
      where,
    );
  });
}
