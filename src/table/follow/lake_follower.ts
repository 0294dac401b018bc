import { errorMessage, PermanentError } from "../../model/errors.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { FollowedTable, LakeFollowerParts, Turn } from "./followed_tables.ts";
import { hintOf } from "./known_lake.ts";
import { RedriveFollower } from "./redrive_follower.ts";
import { Refusals, type Refused } from "./refusals.ts";
import { Retries } from "./retries.ts";
import { type Round, StreamFollower, type StreamPlace } from "./stream_follower.ts";
import { lastDrop, readHint, type StoppedTable, writeHint } from "./table_hint.ts";
import {
  addHoles,
  type CommitOutcome,
  hasHoles,
  type Holes,
  type KnownTable,
  NO_HOLES,
  type StreamSteps,
  TableFault,
  type TableLog,
  type TableName,
  type TableStep,
  textOf,
} from "../table_log.ts";

export type { FollowedTable, LakeFollowerParts, Turn } from "./followed_tables.ts";

/** Streams that are followed side by side; what one of them holds is limited by `StreamFollower`. */
const STREAMS_AT_ONCE_MAX = 16;

const COMMITS_AT_ONCE_MAX = 8;

type Counts = { -readonly [K in keyof Turn]: Turn[K] };

/** A turn that is under way. */
interface Work {
  readonly turn: Counts;
  readonly signal: AbortSignal;
  /** What was not answered. It holds up only what needs it. */
  readonly failures: unknown[];
}

interface Table {
  readonly folder: string;
  readonly name: TableName;
  readonly log: TableLog;
  /** Those that have something in it. */
  readonly streams: Set<string>;
  known?: KnownTable;
  stopped?: StoppedTable;
  readonly retries: Retries;
}

/**
 * Keeps the tables of a lake, one for each folder of a collection: reads the journals and hands each table what is new to it.
 *
 * What it knows is only a matter of speed. That a table has each object once is the affair of its own log.
 */
export class LakeFollower {
  readonly #parts: LakeFollowerParts;
  readonly #redriven: RedriveFollower | undefined;
  readonly #streams = new Map<string, StreamFollower>();
  readonly #tables = new Map<string, Table>();
  readonly #closed = new Map<string, StreamPlace>();
  readonly #refusals = new Refusals();
  readonly #streamFaults = new Map<string, string>();
  /** What streams have had so far, for tables that are yet to come. */
  readonly #holes = new Map<string, Holes>();
  #mustNote = false;
  #isOpen = false;
  #drop: string | undefined;

  constructor(parts: LakeFollowerParts) {
    this.#parts = parts;
    const { lake, redrives } = parts;
    this.#redriven = redrives && new RedriveFollower(lake, redrives);
  }

  get tables(): readonly FollowedTable[] {
    return [...this.#tables.values()].map(({ folder, name, known, stopped }) => ({
      ...{ folder, name },
      ...known,
      ...(stopped === undefined ? {} : { fault: stopped.fault }),
    }));
  }

  /** Why collections have no table, by their names. */
  get refusals(): ReadonlyMap<string, string> {
    const named = new Set([...this.#tables.values()].map(({ name }) => textOf(name)));
    return this.#refusals.reasons((name, key) => named.has(name) && this.#closed.has(key));
  }

  /** Why objects in a table's folder are not in it. */
  refusalIn(folder: string): string | undefined {
    return this.#refusals.reasonIn(folder);
  }

  /** Why journals cannot be followed, by the keys of streams. */
  get streamFaults(): ReadonlyMap<string, string> {
    return this.#streamFaults;
  }

  /** Brings all tables to where the lake is, and throws then what was not answered meanwhile: the next turn goes on. */
  async turn(signal: AbortSignal): Promise<Turn> {
    await this.#open();
    const turn: Counts = { commits: 0, conflicts: 0, isComplete: true };
    const work: Work = { turn, signal, failures: [] };
    await this.#tryStopped(work);
    const keys = [...await this.#parts.streams()].filter((key) => !this.#closed.has(key)).sort();
    for (let first = 0; first < keys.length; first += STREAMS_AT_ONCE_MAX) {
      const group = keys.slice(first, first + STREAMS_AT_ONCE_MAX);
      await this.#follow(group.map((key) => this.#follower(key)), work);
    }
    await this.#redriven?.follow(
      (folder, name, steps) => this.#commitApart(folder, name, steps, work),
      (error) => void work.failures.push(error),
    );
    if (this.#mustNote) await this.#note();
    if (work.failures.length > 0) throw work.failures[0];
    return turn;
  }

  /** Reads what was noted; where a table was dropped since, forgets all, for it may be one that has no news. */
  async #open(): Promise<void> {
    const { hint: place, lake } = this.#parts;
    const drop = place && await lastDrop(place);
    if (this.#isOpen) {
      const known = [this.#streams, this.#closed, this.#holes, this.#tables];
      if (drop !== this.#drop) {
        known.forEach((each) => each.clear());
        this.#redriven?.reset();
      }
      this.#drop = drop;
      return;
    }
    const noted = place && await readHint(place);
    const hint = noted?.drop === drop ? noted : undefined;
    this.#drop = drop;
    for (const [key, { closed, holes, ...at }] of Object.entries(hint?.streams ?? {})) {
      this.#holes.set(key, holes);
      if (closed) this.#closed.set(key, at);
      else this.#streams.set(key, new StreamFollower(lake, key, at));
    }
    for (const [folder, { database, collection, ...noted }] of Object.entries(hint?.tables ?? {})) {
      const table = this.#tableOf(folder, { database, collection });
      if (table === undefined) continue;
      if (noted.known !== undefined) table.known = noted.known;
      if (noted.stopped !== undefined) table.stopped = noted.stopped;
      for (const key of noted.streams) table.streams.add(key);
    }
    await mapLimited([...this.#streams.values()], STREAMS_AT_ONCE_MAX, async (follower) => {
      if (!await follower.isSame()) this.#readAnew(follower);
    });
    this.#isOpen = true;
  }

  #follower(key: string): StreamFollower {
    const follower = this.#streams.get(key) ?? new StreamFollower(this.#parts.lake, key);
    this.#streams.set(key, follower);
    return follower;
  }

  /** Reads one journal from its beginning again, or all; the tables know what they have. */
  #readAnew(only?: StreamFollower): void {
    if (only === undefined) {
      this.#closed.clear();
      this.#redriven?.reset();
    }
    for (const follower of only === undefined ? this.#streams.values() : [only]) {
      follower.reset();
      this.#holes.delete(follower.key);
      for (const table of this.#tables.values()) table.streams.delete(follower.key);
    }
  }

  async #tryStopped({ failures }: Work): Promise<void> {
    for (const table of this.#tables.values()) {
      const { stopped } = table;
      if (stopped === undefined) continue;
      try {
        const now = await table.log.look();
        if (stopped.at !== undefined && now?.id === stopped.at.id) continue;
        if (stopped.at === undefined && !table.retries.isDue()) continue;
      } catch (error) {
        if (!(error instanceof TableFault)) failures.push(error);
        continue;
      }
      delete table.stopped;
      delete table.known;
      this.#readAnew();
    }
  }

  async #follow(
    followers: readonly StreamFollower[],
    work: Work,
  ): Promise<void> {
    for (let left = followers; left.length > 0;) {
      work.signal.throwIfAborted();
      const rounds = new Map<StreamFollower, Round>();
      await mapLimited(left, STREAMS_AT_ONCE_MAX, async (follower) => {
        const round = await this.#roundOf(follower, work);
        if (round !== undefined) rounds.set(follower, round);
      });
      const isAnew = await this.#commit(rounds, work);
      if (isAnew) return;
      for (const [follower, round] of rounds) {
        follower.accept(round);
        this.#mustNote = true;
        if (!round.isClosed) continue;
        this.#closed.set(follower.key, round.through);
        this.#streams.delete(follower.key);
      }
      left = left.filter((follower) => rounds.get(follower)?.isEnd === false);
    }
  }

  async #roundOf(follower: StreamFollower, { failures }: Work): Promise<Round | undefined> {
    try {
      const round = await follower.next();
      this.#streamFaults.delete(follower.key);
      return round;
    } catch (error) {
      if (error instanceof PermanentError) {
        this.#streamFaults.set(follower.key, errorMessage(error));
      } else failures.push(error);
      return undefined;
    }
  }

  /**
   * Whether the journals must be read anew, for a table is not the one that was known. Of `rounds` those are left that are
   * in all tables.
   */
  async #commit(
    rounds: Map<StreamFollower, Round>,
    { turn, failures }: Work,
  ): Promise<boolean> {
    const { due, ending, undo } = this.#stepsByTable(rounds);
    const held = new Set<string>();
    let isAnew = false;
    await mapLimited([...due], COMMITS_AT_ONCE_MAX, async ([table, streams]) => {
      const done = await this.#commitTo(table, streams, turn).catch((error: unknown) => {
        failures.push(error);
        for (const { streamKey } of streams) held.add(streamKey);
      });
      if (done === "another") isAnew = true;
    });
    for (const follower of [...rounds.keys()].filter(({ key }) => held.has(key))) {
      undo.get(follower.key)!();
      rounds.delete(follower);
    }
    for (const [table, why] of ending) await this.#stop(table, new TableFault(why));
    if (!isAnew) return false;
    this.#readAnew();
    turn.isComplete = false;
    return true;
  }

  /** Undefined where the table was stopped. */
  async #commitTo(
    table: Table,
    streams: readonly StreamSteps[],
    turn: Counts,
  ): Promise<CommitOutcome["outcome"] | undefined> {
    const outcome = await this.#commitOne(table, streams);
    if (outcome?.outcome === "another") delete table.known;
    if (outcome?.outcome !== "complete") return outcome?.outcome;
    const { id, version } = outcome;
    table.known = { id, version };
    table.retries.succeeded();
    turn.commits += outcome.commits;
    turn.conflicts += outcome.conflicts;
    return "complete";
  }

  /** What no journal names. A table that is stopped gets it when it goes on. */
  async #commitApart(
    folder: string,
    name: TableName,
    steps: StreamSteps,
    { turn }: Work,
  ): Promise<boolean> {
    const table = this.#tableOf(folder, name);
    if (table === undefined || table.stopped !== undefined) return true;
    if (await this.#commitTo(table, [steps], turn) !== "another") return true;
    this.#readAnew();
    turn.isComplete = false;
    return false;
  }

  async #commitOne(table: Table, streams: readonly StreamSteps[]) {
    try {
      return await table.log.commit(streams, table.known);
    } catch (error) {
      if (!(error instanceof TableFault)) throw error;
      await this.#stop(table, error);
      return undefined;
    }
  }

  /** It gets nothing more as long as it is the table that it is now, or is refused. */
  async #stop(table: Table, fault: TableFault): Promise<void> {
    const at = fault.refuses ? undefined : await table.log.look().catch(() => undefined);
    if (at === undefined) table.retries.failed();
    table.stopped = { fault: errorMessage(fault), ...(at === undefined ? {} : { at }) };
    this.#mustNote = true;
  }

  /**
   * `ending`: tables that end here, for what follows cannot be in them. `undo`: forgets what a stream's steps have added,
   * for they come again.
   */
  #stepsByTable(rounds: ReadonlyMap<StreamFollower, Round>) {
    const due = new Map<Table, StreamSteps[]>();
    const ending = new Map<Table, string>();
    const undo = new Map<string, () => void>();
    for (const [{ key }, { lake, steps }] of rounds) {
      const [holesBefore, joined] = [this.#holes.get(key), new Set<Table>()];
      undo.set(key, () => {
        this.#holes.set(key, holesBefore ?? NO_HOLES);
        for (const table of joined) table.streams.delete(key);
      });
      const byTable = new Map<Table, TableStep[]>();
      for (const each of steps) {
        this.#noteRefusals(each.refusals, key, ending);
        for (const [folder, { name, step }] of each.byFolder) {
          const table = this.#tableOf(folder, name);
          if (table === undefined || ending.has(table)) continue;
          this.#refusals.noteTable(textOf(name), key, folder);
          const before = table.streams.has(key) ? NO_HOLES : this.#holes.get(key) ?? NO_HOLES;
          if (!table.streams.has(key)) joined.add(table);
          table.streams.add(key);
          const holes = addHoles(step.holes, before);
          byTable.set(table, [...byTable.get(table) ?? [], { ...step, holes }]);
        }
        if (hasHoles(each.holes)) this.#addHoles(key, each, byTable);
      }
      for (const [table, own] of byTable) {
        if (table.stopped === undefined) {
          due.set(table, [...due.get(table) ?? [], { streamKey: key, lake, steps: own }]);
        }
      }
    }
    return { due, ending, undo };
  }

  #noteRefusals(refusals: Refused, key: string, ending: Map<Table, string>): void {
    for (const [collection, refusal] of refusals) {
      this.#refusals.add(collection, key, refusal);
      const table = this.#tables.get(refusal.folder ?? "");
      if (table?.streams.has(key) !== true || textOf(table.name) !== collection) continue;
      ending.set(table, `The table in "${table.folder}/" ends: ${refusal.why}`);
    }
  }

  /** Holes are of all tables that the stream has something in, and of those in which it will have. */
  #addHoles(
    key: string,
    { seq, recordId, holes }: { seq: number; recordId: string; holes: Holes },
    byTable: Map<Table, TableStep[]>,
  ): void {
    this.#holes.set(key, addHoles(this.#holes.get(key) ?? NO_HOLES, holes));
    for (const table of this.#tables.values()) {
      if (!table.streams.has(key)) continue;
      const steps = byTable.get(table) ?? [];
      const last = steps.at(-1);
      const isSame = last?.seq === seq;
      const step = isSame ? last : { seq, recordId, files: [], gone: [], holes: NO_HOLES };
      const sum = { ...step, holes: addHoles(step.holes, holes) };
      byTable.set(table, [...isSame ? steps.slice(0, -1) : steps, sum]);
    }
  }

  #tableOf(folder: string, name: TableName): Table | undefined {
    const known = this.#tables.get(folder);
    // What is gone was in a table, or it is gone from none.
    if (known !== undefined) return this.#isOf(known, name) ? known : undefined;
    if (name.collection === "" || this.#parts.isWanted?.(name) === false) return undefined;
    const log = this.#parts.openLog(folder, name);
    const table = { folder, name, log, streams: new Set<string>(), retries: new Retries() };
    this.#tables.set(folder, table);
    return table;
  }

  #isOf({ folder, name: owner }: Table, name: TableName): boolean {
    if (name.collection === "" || textOf(owner) === textOf(name)) return true;
    const has = `its folder "${folder}/" has the events of ${textOf(owner)}`;
    this.#refusals.add(textOf(name), "", { why: `${has}; give each a folder of its own` });
    return false;
  }

  async #note(): Promise<void> {
    const { hint: place } = this.#parts;
    if (place === undefined) return;
    const lake = { streams: this.#streams, closed: this.#closed, holes: this.#holes };
    await writeHint(place, hintOf({ ...lake, tables: this.#tables, drop: this.#drop }));
    this.#mustNote = false;
  }
}
