import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { FollowedTable } from "../../table/follow/lake_follower.ts";
import { deleteJoined, type DeletionParts } from "../../table/retention/delete_joined.ts";

/** From the beginning of a cycle to that of the next one: what is deleted has waited for days. */
const CYCLE_MS = 24 * 3_600_000;

export interface DeletionCycleParts {
  readonly deletion: DeletionParts;
  readonly clock: Clock;
  readonly log: Log;
}

/** Deletes what was joined long ago, one folder after the other, about once a day. */
export class DeletionCycle {
  /** What was deleted. */
  objects = 0;
  bytes = 0;
  readonly #parts: DeletionCycleParts;
  readonly #said = new Set<string>();
  #due: Pick<FollowedTable, "folder">[] = [];
  #beganMs = -Infinity;

  constructor(parts: DeletionCycleParts) {
    this.#parts = parts;
  }

  /** As that of `CompactionCycle`. Also of tables with a fault, and of those without news: the time goes on. */
  async go(
    tables: readonly Pick<FollowedTable, "folder">[],
    goesOn: () => boolean,
  ): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#due.length === 0 && nowMs - this.#beganMs >= CYCLE_MS) {
      this.#beganMs = nowMs;
      this.#due = [...tables];
    }
    while (this.#due.length > 0 && goesOn()) {
      if (!await this.#delete(this.#due[0]!.folder, goesOn)) return;
      this.#due.shift();
    }
  }

  /** Whether all is done that can be. */
  async #delete(folder: string, goesOn: () => boolean): Promise<boolean> {
    const { deletion, log } = this.#parts;
    try {
      const { objects, bytes, faults, isAll } = await deleteJoined(deletion, folder, goesOn);
      this.objects += objects;
      this.bytes += bytes;
      if (objects > 0) {
        log.info("Objects were deleted that tables have named others for", {
          ...{ folder, objects, bytes },
        });
      }
      for (const reason of faults) this.#say(folder, reason);
      return isAll;
    } catch (error) {
      if (error instanceof Error) this.#say(folder, error.message);
      return true;
    }
  }

  /** Each once. */
  #say(folder: string, reason: string): void {
    if (this.#said.has(reason)) return;
    this.#said.add(reason);
    this.#parts.log.warn("Objects that were joined are not deleted; it is tried again in a day", {
      ...{ folder, reason },
    });
  }
}
