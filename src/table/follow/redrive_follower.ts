import type { Redrive } from "../../model/redrive.ts";
import { namesObjects } from "../../model/record.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { settingsAt } from "./record_settings.ts";
import type { FollowedLake } from "./stream_follower.ts";
import { redrivenFiles } from "./table_steps.ts";
import { NO_HOLES, type StreamSteps, type TableName, type TableStep } from "../table_log.ts";

const HEADS_IN_FLIGHT_MAX = 16;
const COMMITS_AT_ONCE_MAX = 8;

/** A record of whose dead letters rows were made. */
export interface RedrivenRecord {
  readonly streamKey: string;
  readonly seq: number;
  /** How often: each time of other letters. */
  readonly count: number;
}

/** Rows that were made of dead letters later: no record of a journal names their objects. */
export interface FollowedRedrives {
  records(): Promise<readonly RedrivenRecord[]>;
  read(streamKey: string, seq: number): Promise<readonly Redrive[]>;
}

/** Brings steps into the table of a folder; false where they must come again. */
export type CommitSteps = (
  folder: string,
  name: TableName,
  steps: StreamSteps,
) => Promise<boolean>;

/**
 * Finds the objects of redriven dead letters. To a table the redrives of one record are a stream of their own, so each
 * counts once, though they come at any time and in any order of records.
 */
export class RedriveFollower {
  readonly #lake: FollowedLake;
  readonly #redrives: FollowedRedrives;
  /** How many of each record are in all tables. */
  readonly #taken = new Map<string, number>();

  constructor(lake: FollowedLake, redrives: FollowedRedrives) {
    this.#lake = lake;
    this.#redrives = redrives;
  }

  /** Looks at all of them again. */
  reset(): void {
    this.#taken.clear();
  }

  /** Commits what is new. What goes wrong with one record or table is told, and holds up no other. */
  async follow(commit: CommitSteps, failed: (error: unknown) => void): Promise<void> {
    for (const record of await this.#redrives.records()) {
      const key = redrivenStream(record);
      if (record.count <= (this.#taken.get(key) ?? 0)) continue;
      try {
        const { byFolder, through } = await this.#stepsOf(record);
        const done = await mapLimited(
          [...byFolder],
          COMMITS_AT_ONCE_MAX,
          ([folder, { name, steps }]) =>
            commit(folder, name, steps).catch((error: unknown) => {
              failed(error);
              return false;
            }),
        );
        if (done.every((isIn) => isIn)) this.#taken.set(key, through);
      } catch (error) {
        failed(error);
      }
    }
  }

  async #stepsOf({ streamKey, seq, count }: RedrivenRecord) {
    const { journal, objects } = this.#lake;
    const byFolder = new Map<string, { name: TableName; steps: StreamSteps }>();
    const [genesis, record] = await Promise.all([
      journal.read(streamKey, 0),
      journal.read(streamKey, seq),
    ]);
    if (genesis?.kind !== "genesis" || record === undefined || !namesObjects(record)) {
      return { byFolder, through: 0 };
    }
    let through = 0;
    const settings = await settingsAt(journal, streamKey, record.settingsSeq);
    for (const redrive of await this.#redrives.read(streamKey, seq)) {
      // Of a record that the journal has lost.
      if (redrive.recordId !== record.id) return { byFolder, through: count };
      const heads = await mapLimited(
        redrive.objects,
        HEADS_IN_FLIGHT_MAX,
        ({ key }) => objects.head(key),
      );
      // It is noted before its objects are there.
      if (heads.includes(undefined)) break;
      const sizes = heads.map((head) => head!.bytes);
      for (const [folder, { name, files }] of redrivenFiles(redrive, settings, sizes)) {
        const { number, recordId } = redrive;
        const redrivenLetters = files.reduce((sum, { rows }) => sum + rows, 0);
        const holes = { ...NO_HOLES, redrivenLetters };
        const step: TableStep = { seq: number, recordId, files, gone: [], holes };
        const before = byFolder.get(folder)?.steps.steps ?? [];
        const stream = { streamKey: redrivenStream({ streamKey, seq }), lake: genesis.lake };
        byFolder.set(folder, { name, steps: { ...stream, steps: [...before, step] } });
      }
      through = redrive.number + 1;
    }
    return { byFolder, through };
  }
}

/** The name of the stream that the redrives of a record are to tables; keys of streams have no `/`. */
function redrivenStream({ streamKey, seq }: Pick<RedrivenRecord, "streamKey" | "seq">): string {
  return `redriven/${streamKey}/${seq}`;
}

/** Whose redrives such a stream stands for; undefined for the key of a journal. */
export function parseRedrivenStream(
  key: string,
): Pick<RedrivenRecord, "streamKey" | "seq"> | undefined {
  const [, streamKey, seq] = /^redriven\/([^/]+)\/(\d+)$/.exec(key) ?? [];
  return streamKey === undefined ? undefined : { streamKey, seq: Number(seq) };
}
