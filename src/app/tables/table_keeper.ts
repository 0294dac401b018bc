import type { Config } from "../../config/config.ts";
import type { Fleet } from "../../coordinate/fleet.ts";
import type { HeldLease } from "../../coordinate/lease/leases.ts";
import { TABLES_LEASE } from "../../coordinate/lease/lease_store.ts";
import { createMeeting, type Meeting } from "../../coordinate/meeting.ts";
import type { KeptTables, TableFacts } from "../../observe/metrics/table_gauges.ts";
import type { StateStore } from "../../pipeline/ports.ts";
import type { TableFormat } from "../../model/table_format.ts";
import { sleep } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { Failure } from "../../table/follow/followed_tables.ts";
import { type FollowedTable, LakeFollower } from "../../table/follow/lake_follower.ts";
import { textOf } from "../../table/table_log.ts";
import { hintKey } from "../../table/follow/table_hint.ts";
import type { AppTools, Places } from "../adapters.ts";
import { followerParts } from "./build_tables.ts";
import { compactorOf, joinIn } from "./compact_tables.ts";
import { joinOnce } from "../../table/compaction/join_once.ts";
import { CompactionCycle } from "./compaction_cycle.ts";
import { DeletionCycle } from "./deletion_cycle.ts";
import { deletionParts } from "./deletion_parts.ts";
import { openFormat } from "./formats.ts";
import type { FormatParts } from "./open_format.ts";
import { KeptFormat } from "./kept_format.ts";

export interface TableKeeperParts {
  readonly config:
    & Pick<
      Config,
      | ("tables" | "tableIntervalMs" | "tableCompaction" | "tableRetentionMs" | "tableWriters")
      | ("instanceName" | "lock")
    >
    & FormatParts["config"];
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
  #kept: readonly KeptFormat[] = [];
  /** What was said last of each format. */
  readonly #said = new Map<TableFormat, ReadonlyMap<string, string>>();
  readonly #compactions = new Map<TableFormat, CompactionCycle>();
  /** Absent: nothing is deleted. */
  readonly #deletion: DeletionCycle | undefined;

  constructor(parts: TableKeeperParts) {
    this.#parts = parts;
    const { config, tools, places } = parts;
    // Tables of both formats in a folder often want the same.
    const join = joinOnce(joinIn(places));
    for (const name of config.tableCompaction ? config.tables : []) {
      const format = openFormat(name, { config, tools, places });
      const { clock, log } = tools;
      const open = ({ folder, name }: Pick<FollowedTable, "folder" | "name">) =>
        compactorOf(tools, places, folder, format.openLog(folder, name), join);
      this.#compactions.set(name, new CompactionCycle({ open, clock, log }));
    }
    const { tableRetentionMs } = config;
    if (tableRetentionMs === undefined || !config.tableCompaction) return;
    const deletion = deletionParts({ config, tools, places }, tableRetentionMs);
    this.#deletion = new DeletionCycle({ deletion, clock: tools.clock, log: tools.log });
  }

  get joined(): KeptTables["joined"] {
    const all = [...this.#compactions.values()];
    return {
      inputs: all.reduce((sum, { inputs }) => sum + inputs, 0),
      outputs: all.reduce((sum, { outputs }) => sum + outputs, 0),
    };
  }

  get deleted(): KeptTables["deleted"] {
    const { objects, bytes } = this.#deletion ?? { objects: 0, bytes: 0 };
    return { objects, bytes };
  }

  /** Those that this instance keeps: none while another one does. */
  get tables(): readonly TableFacts[] {
    return this.#kept.flatMap(({ tables }) => tables);
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
    const { config } = this.#parts;
    // It saves work; that two of them do no harm is the affair of each table's log.
    const { ttlMs } = config.lock;
    const lease = await meeting.hold(TABLES_LEASE, { ttlMs, isPatient: false });
    if (lease === undefined) return;
    const stop = AbortSignal.any([ends, lease.signal]);
    this.#kept = this.#open(stop);
    try {
      // Each format by itself, for one may wait for a catalog.
      await Promise.all(this.#kept.map((kept) => this.#keepFormat(kept, lease, stop)));
    } finally {
      this.#kept = [];
      await lease.release();
    }
  }

  /** Never rejects. */
  async #keepFormat(kept: KeptFormat, lease: HeldLease, stop: AbortSignal): Promise<void> {
    const { config, tools: { clock } } = this.#parts;
    while (!stop.aborted && lease.isValid()) {
      await this.#turn(kept, lease, stop);
      this.#sayFaults(kept);
      await sleep(clock, config.tableIntervalMs, stop).catch(() => {}); // The loop looks.
    }
  }

  async #turn(kept: KeptFormat, lease: HeldLease, stop: AbortSignal): Promise<void> {
    const { config, tools: { clock, log } } = this.#parts;
    try {
      const turn = await kept.turn(clock.wallMs(), stop);
      this.commits += turn.commits;
      this.conflicts += turn.conflicts;
      const { failures, ...counts } = turn;
      if (turn.commits > 0) log.debug("Tables brought to where the lake is", { ...counts });
      sayFailures(log, failures);
      if (!turn.isComplete) return;
      // Then tables are looked after again: they come first.
      const untilMs = clock.monotonicMs() + config.tableIntervalMs;
      const goesOn = () => !stop.aborted && lease.isValid() && clock.monotonicMs() < untilMs;
      await this.#compactions.get(kept.format)?.go(kept.followed, goesOn);
      // Of all formats, once.
      if (kept.format === config.tables[0]) await this.#deletion?.go(kept.followed, goesOn);
    } catch (error) {
      if (stop.aborted || !lease.isValid()) return;
      log.warn(NOT_BROUGHT, { error });
    }
  }

  /** Each once, and again where it is another one. */
  #sayFaults(kept: KeptFormat): void {
    const said = [...this.#said.values()];
    const faults = kept.faults();
    for (const [subject, reason] of faults) {
      if (said.some((each) => each.get(subject) === reason)) continue;
      this.#parts.tools.log.warn("A table is left out", { reason });
    }
    this.#said.set(kept.format, faults);
  }

  #open(signal: AbortSignal): KeptFormat[] {
    const { config, tools, places } = this.#parts;
    return config.tables.map((name) => {
      const format = openFormat(name, { config, tools, places, signal });
      const hint = { store: places.lake, key: hintKey(name) };
      const follower = new LakeFollower({ ...followerParts(places, format), hint });
      return new KeptFormat(name, follower, places.destination.url);
    });
  }
}

const NOT_BROUGHT = "Tables could not be brought to where the lake is; it is tried again";

/** Of one turn; a store that is away is the failure of all. */
const FAILURES_SAID_MAX = 10;

function sayFailures(log: Pick<Log, "warn">, failures: readonly Failure[]): void {
  const more = failures.length - FAILURES_SAID_MAX;
  for (const [i, { table, error }] of failures.slice(0, FAILURES_SAID_MAX).entries()) {
    const about = table === undefined ? {} : { table: textOf(table.name) };
    const rest = more > 0 && i === FAILURES_SAID_MAX - 1 ? { more } : {};
    log.warn(NOT_BROUGHT, { ...about, ...rest, error });
  }
}
