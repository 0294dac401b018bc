import type { TableFacts } from "../../observe/metrics/table_gauges.ts";
import type { TableFormat } from "../../model/table_format.ts";
import type { Attempt, FollowedTable, LakeFollower } from "../../table/follow/lake_follower.ts";
import { textOf } from "../../table/table_log.ts";

/** Tables of one format that this instance keeps at the moment. */
export class KeptFormat {
  readonly format: TableFormat;
  readonly #follower: LakeFollower;
  readonly #url: string;
  /** By the folder of a table, when it had everything, by the wall clock. */
  readonly #upToDateMs = new Map<string, number>();

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
    const there = this.#follower.tables.map(({ folder, name, version, fault }) => {
      const upToDateMs = this.#upToDateMs.get(folder);
      return {
        name: textOf(name),
        format: this.format,
        url: `${this.#url}/${folder}/`,
        ...(version === undefined ? {} : { version }),
        ...(upToDateMs === undefined ? {} : { upToDateMs }),
        ...(fault === undefined ? {} : { fault }),
      };
    });
    const missing = [...this.#follower.refusals].map(([name, fault]) => ({
      ...{ name, format: this.format, url: `${this.#url}/`, fault, isMissing: true },
    }));
    return [...there, ...missing];
  }

  /** Brings them to where the lake is. `nowMs`: by the wall clock. */
  async turn(nowMs: number, stop: AbortSignal): Promise<Attempt> {
    const attempt = await this.#follower.attempt(stop);
    for (const { folder, fault, isBehind } of this.#follower.tables) {
      if (fault === undefined && !isBehind) this.#upToDateMs.set(folder, nowMs);
    }
    return attempt;
  }

  /** What is wrong, by what it is about. */
  faults(): ReadonlyMap<string, string> {
    const faults = new Map<string, string>();
    for (const { folder, fault } of this.#follower.tables) {
      if (fault !== undefined) faults.set(`${this.format} ${folder}`, fault);
    }
    for (const [name, why] of this.#follower.refusals) {
      faults.set(name, `${name} has no table: ${why}`);
    }
    for (const [key, fault] of this.#follower.streamFaults) faults.set(key, fault);
    return faults;
  }
}
