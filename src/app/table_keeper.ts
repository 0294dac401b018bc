import type { Config } from "../config/config.ts";
import type { Fleet } from "../coordinate/fleet.ts";
import type { HeldLease } from "../coordinate/lease/leases.ts";
import { TABLES_LEASE } from "../coordinate/lease/lease_store.ts";
import { createMeeting, type Meeting } from "../coordinate/meeting.ts";
import type { KeptTables, TableFacts } from "../observe/metrics/table_gauges.ts";
import type { StateStore } from "../pipeline/ports.ts";
import { sleep } from "../support/clock.ts";
import { LakeFollower } from "../table/lake_follower.ts";
import { hintKey } from "../table/table_hint.ts";
import type { AppTools, Places } from "./adapters.ts";
import { followerParts } from "./tables.ts";

export interface TableKeeperParts {
  readonly config: Pick<
    Config,
    "tableIntervalMs" | "tableWriters" | "instanceName" | "lock"
  >;
  readonly tools: AppTools;
  readonly places: Places;
  readonly fleet: Fleet;
  readonly state: StateStore;
  /** As of this instance's streams, so that one sign of life is for all that it has. */
  readonly owner: string;
}

/** Brings the tables of a lake to where the lake is, again and again. Whatever goes wrong with them, streams go on. */
export class TableKeeper implements KeptTables {
  commits = 0;
  conflicts = 0;
  readonly #parts: TableKeeperParts;
  #follower: LakeFollower | undefined;
  /** When all tables had everything, by the wall clock. */
  #upToDateMs: number | undefined;
  /** By table, since when it is known to have a fault: what it had before is its lag. */
  readonly #faultyAt = new Map<string, number | undefined>();
  #said = new Map<string, string>();

  constructor(parts: TableKeeperParts) {
    this.#parts = parts;
  }

  /** Those that this instance keeps: none while another one does. */
  get tables(): readonly TableFacts[] {
    const { url } = this.#parts.places.destination;
    return (this.#follower?.tables ?? []).map(({ folder, name, version, fault }) => {
      const upToDateMs = fault === undefined ? this.#upToDateMs : this.#faultyAt.get(folder);
      return {
        name: `${name.database}.${name.collection}`,
        url: `${url}/${folder}/`,
        ...(version === undefined ? {} : { version }),
        ...(upToDateMs === undefined ? {} : { upToDateMs }),
        ...(fault === undefined ? {} : { fault }),
      };
    });
  }

  /** Until `ends`, under a lease that copies share. Never rejects. */
  async keep(ends: AbortSignal): Promise<void> {
    const { config, tools: { clock, random, log }, fleet, state, owner } = this.#parts;
    const who = { owner, instance: config.instanceName };
    const meeting = createMeeting({ fleet, state, ...who, clock, random, signal: ends });
    while (!ends.aborted) {
      try {
        await this.#keepUnderLease(meeting, ends);
      } catch (error) {
        if (!ends.aborted) log.warn("Tables could not be kept; they are tried again", { error });
      }
      await sleep(clock, config.tableIntervalMs, ends).catch(() => {}); // The loop looks.
    }
  }

  async #keepUnderLease(meeting: Meeting, ends: AbortSignal): Promise<void> {
    const { config, tools: { clock } } = this.#parts;
    // It saves work; that two of them do no harm is the affair of each table's log.
    const { ttlMs } = config.lock;
    const lease = await meeting.hold(TABLES_LEASE, { ttlMs, isPatient: false });
    if (lease === undefined) return;
    const stop = AbortSignal.any([ends, lease.signal]);
    this.#follower = this.#open();
    try {
      while (!stop.aborted && lease.isValid()) {
        await this.#turn(this.#follower, lease, stop);
        await sleep(clock, config.tableIntervalMs, stop).catch(() => {}); // The loop looks.
      }
    } finally {
      this.#follower = undefined;
      this.#upToDateMs = undefined;
      await lease.release();
    }
  }

  async #turn(
    follower: LakeFollower,
    lease: HeldLease,
    stop: AbortSignal,
  ): Promise<void> {
    const { tools: { clock, log } } = this.#parts;
    const beganMs = clock.wallMs();
    try {
      const turn = await follower.turn(stop);
      this.commits += turn.commits;
      this.conflicts += turn.conflicts;
      if (turn.isComplete) this.#upToDateMs = beganMs;
      if (turn.commits > 0) log.debug("Tables brought to where the lake is", { ...turn });
    } catch (error) {
      if (stop.aborted || !lease.isValid()) return;
      log.warn("Tables could not be brought to where the lake is; it is tried again", { error });
    }
    this.#sayFaults(follower);
  }

  /** Each once, and again where it is another one. */
  #sayFaults(follower: LakeFollower): void {
    const { tools: { log } } = this.#parts;
    const faults = new Map<string, string>();
    for (const { folder, fault } of follower.tables) {
      if (fault === undefined) {
        this.#faultyAt.delete(folder);
        continue;
      }
      if (!this.#faultyAt.has(folder)) this.#faultyAt.set(folder, this.#upToDateMs);
      faults.set(folder, fault);
    }
    for (const [name, why] of follower.refusals) faults.set(name, `${name} has no table: ${why}`);
    for (const [key, fault] of follower.streamFaults) faults.set(key, fault);
    for (const [subject, reason] of faults) {
      if (this.#said.get(subject) !== reason) log.warn("A table is left out", { reason });
    }
    this.#said = faults;
  }

  #open(): LakeFollower {
    const { config, tools, places } = this.#parts;
    return new LakeFollower({
      ...followerParts(config, tools, places),
      hint: { store: places.lake, key: hintKey("delta") },
    });
  }
}
