import type { TableFacts } from "../../observe/metrics/table_gauges.ts";
import type { TableFormat } from "../../model/table_format.ts";
import type { FollowedTable, LakeFollower, Turn } from "../../table/follow/lake_follower.ts";
import { textOf } from "../../table/table_log.ts";

/** Tables of one format that this instance keeps at the moment. */
export class KeptFormat {
  readonly format: TableFormat;
  readonly #follower: LakeFollower;
  readonly #url: string;
  /** When all tables had everything, by the wall clock. */
  #upToDateMs: number | undefined;
  /** By table, since when it is known to have a fault: what it had before is its lag. */
  readonly #faultyAt = new Map<string, number | undefined>();

  /** `url`: of the lake. */
  constructor(format: TableFormat, follower: LakeFollower, url: string) {
    this.format = format;
    this.#follower = follower;
    this.#url = url;
  }

  get followed(): readonly FollowedTable[] {
    return this.#follower.tables;
  }

  get tables(): readonly TableFacts[] {
    return this.#follower.tables.map(({ folder, name, version, fault }) => {
      const upToDateMs = fault === undefined ? this.#upToDateMs : this.#faultyAt.get(folder);
      return {
        name: textOf(name),
        format: this.format,
        url: `${this.#url}/${folder}/`,
        ...(version === undefined ? {} : { version }),
        ...(upToDateMs === undefined ? {} : { upToDateMs }),
        ...(fault === undefined ? {} : { fault }),
      };
    });
  }

  /** Brings them to where the lake is. `nowMs`: by the wall clock. */
  async turn(nowMs: number, stop: AbortSignal): Promise<Turn> {
    const turn = await this.#follower.turn(stop);
    if (turn.isComplete) this.#upToDateMs = nowMs;
    return turn;
  }

  /** What is wrong, by what it is about. */
  faults(): ReadonlyMap<string, string> {
    const faults = new Map<string, string>();
    for (const { folder, fault } of this.#follower.tables) {
      if (fault === undefined) {
        this.#faultyAt.delete(folder);
        continue;
      }
      if (!this.#faultyAt.has(folder)) this.#faultyAt.set(folder, this.#upToDateMs);
      faults.set(`${this.format} ${folder}`, fault);
    }
    for (const [name, why] of this.#follower.refusals) {
      faults.set(name, `${name} has no table: ${why}`);
    }
    for (const [key, fault] of this.#follower.streamFaults) faults.set(key, fault);
    return faults;
  }
}
