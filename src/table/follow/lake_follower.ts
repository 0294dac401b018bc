import { errorMessage, PermanentError } from "../../model/errors.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type {
  Attempt,
  Failure,
  FollowedTable,
  KeptTable,
  LakeFollowerParts,
  Turn,
} from "./followed_tables.ts";
import { hintOf } from "./known_lake.ts";
import { RedriveFollower } from "./redrive_follower.ts";
import { Refusals } from "./refusals.ts";
import { Retries } from "./retries.ts";
import { divideRounds, type RoundDivision, tablesInTheWay } from "./round_division.ts";
import { type Round, StreamFollower, type StreamPlace } from "./stream_follower.ts";
import type { StreamHoles } from "./stream_holes.ts";
import { lastDrop, readHint, writeHint } from "./table_hint.ts";
import {
  type CommitOutcome,
  type StreamSteps,
  TableFault,
  type TableName,
  textOf,
} from "../table_log.ts";

export type { Attempt, FollowedTable, LakeFollowerParts, Turn } from "./followed_tables.ts";

/** Streams that are followed side by side; what one of them holds is limited by `StreamFollower`. */
const STREAMS_AT_ONCE_MAX = 16;

const COMMITS_AT_ONCE_MAX = 8;

/** A table that is not answered in so many turns in a row no longer holds up others. */
const UNANSWERED_TURNS_MAX = 3;

type Counts = { -readonly [K in keyof Turn]: Turn[K] };

/** A turn that is under way. */
interface Work {
  readonly turn: Counts;
  readonly signal: AbortSignal;
  readonly failures: Failure[];
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
  readonly #tables = new Map<string, KeptTable>();
  readonly #closed = new Map<string, StreamPlace>();
  #refusals = new Refusals();
  readonly #streamFaults = new Map<string, string>();
  /** What streams have had so far, for tables that are yet to come. */
  readonly #holes = new Map<string, StreamHoles>();
  /** Tables that lack something of what the turn was to bring. */
  readonly #behind = new Set<KeptTable>();
  #mustNote = false;
  #isOpen = false;
  #drop: string | undefined;

  constructor(parts: LakeFollowerParts) {
    this.#parts = parts;
    const { lake, redrives } = parts;
    this.#redriven = redrives && new RedriveFollower(lake, redrives);
  }

  get tables(): readonly FollowedTable[] {
    return [...this.#tables.values()].map((table) => {
      const { folder, name, known, stopped } = table;
      const fault = stopped === undefined ? {} : { fault: stopped.fault };
      return { ...{ folder, name }, ...known, ...fault, isBehind: this.#behind.has(table) };
    });
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

  /** As `attempt`, and throws then the first of what was not answered. */
  async turn(signal: AbortSignal): Promise<Turn> {
    const { failures: [first], ...turn } = await this.attempt(signal);
    if (first !== undefined) throw first.error;
    return turn;
  }

  /** Brings all tables to where the lake is, as far as that is answered: the next turn goes on. */
  async attempt(signal: AbortSignal): Promise<Attempt> {
    await this.#open();
    this.#behind.clear();
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
      (error) => void work.failures.push({ error }),
    );
    if (this.#mustNote) await this.#note();
    const isComplete = turn.isComplete && work.failures.length === 0;
    return { ...turn, isComplete, failures: work.failures };
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
    this.#refusals = new Refusals(hint?.refusals);
    for (
      const [key, { closed, holes, elsewhere = {}, ...at }] of Object.entries(hint?.streams ?? {})
    ) {
      this.#holes.set(key, { all: holes, elsewhere });
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
        if (!(error instanceof TableFault)) failures.push({ table, error });
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
      } else failures.push({ error });
      this.#leaveBehind(follower.key);
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
    const division = this.#divide(rounds);
    const failed = new Map<KeptTable, unknown>();
    let isAnew = false;
    await mapLimited([...division.due], COMMITS_AT_ONCE_MAX, async ([table, streams]) => {
      const done = await this.#commitTo(table, streams, turn)
        .catch((error: unknown) => void failed.set(table, error));
      if (done === "another") isAnew = true;
    });
    for (const [table, error] of failed) {
      failures.push({ table, error });
      table.unanswered++;
      this.#behind.add(table);
    }
    await this.#releaseFull(rounds, division, failed);
    this.#hold(rounds, division, failed);
    for (const [table, why] of division.ending) await this.#stop(table, new TableFault(why));
    if (!isAnew) return false;
    this.#readAnew();
    for (const table of this.#tables.values()) this.#behind.add(table);
    turn.isComplete = false;
    return true;
  }

  #divide(rounds: ReadonlyMap<StreamFollower, Round>): RoundDivision {
    const byKey = [...rounds].map(([{ key }, round]) => [key, round] as const);
    return divideRounds({
      ...{ tables: this.#tables, holes: this.#holes, refusals: this.#refusals },
      tableOf: (folder, name) => this.#tableOf(folder, name),
    }, byKey);
  }

  /** Stops what holds up others; it reads the journals anew when it is tried again. */
  async #releaseFull(
    rounds: ReadonlyMap<StreamFollower, Round>,
    { due }: RoundDivision,
    failed: Map<KeptTable, unknown>,
  ): Promise<void> {
    const full = new Set([...rounds].flatMap(([{ key }, { isEnd }]) => isEnd ? [] : [key]));
    for (const table of tablesInTheWay(due, full, new Set(failed.keys()))) {
      if (table.unanswered < UNANSWERED_TURNS_MAX) continue;
      const cause = failed.get(table);
      await this.#stop(table, new TableFault(errorMessage(cause), { refuses: true, cause }));
      failed.delete(table);
    }
  }

  /** What a table did not take comes again, with all of its stream. */
  #hold(
    rounds: Map<StreamFollower, Round>,
    { due, undo }: RoundDivision,
    failed: ReadonlyMap<KeptTable, unknown>,
  ): void {
    const held = new Set(
      [...failed.keys()].flatMap((table) => due.get(table)!.map(({ streamKey }) => streamKey)),
    );
    for (const [follower, { isEnd }] of [...rounds]) {
      if (!held.has(follower.key)) continue;
      if (!isEnd) this.#leaveBehind(follower.key);
      undo.get(follower.key)!();
      rounds.delete(follower);
    }
  }

  #leaveBehind(key: string): void {
    for (const table of this.#tables.values()) if (table.streams.has(key)) this.#behind.add(table);
  }

  /** Undefined where the table was stopped. */
  async #commitTo(
    table: KeptTable,
    streams: readonly StreamSteps[],
    turn: Counts,
  ): Promise<CommitOutcome["outcome"] | undefined> {
    const outcome = await this.#commitOne(table, streams);
    if (outcome?.outcome === "another") delete table.known;
    if (outcome?.outcome !== "complete") return outcome?.outcome;
    const { id, version } = outcome;
    table.known = { id, version };
    table.retries.succeeded();
    table.unanswered = 0;
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

  async #commitOne(table: KeptTable, streams: readonly StreamSteps[]) {
    try {
      return await table.log.commit(streams, table.known);
    } catch (error) {
      if (!(error instanceof TableFault)) throw error;
      await this.#stop(table, error);
      return undefined;
    }
  }

  /** It gets nothing more as long as it is the table that it is now, or is refused. */
  async #stop(table: KeptTable, fault: TableFault): Promise<void> {
    const at = fault.refuses ? undefined : await table.log.look().catch(() => undefined);
    if (at === undefined) table.retries.failed();
    table.stopped = { fault: errorMessage(fault), ...(at === undefined ? {} : { at }) };
    this.#mustNote = true;
  }

  #tableOf(folder: string, name: TableName): KeptTable | undefined {
    const known = this.#tables.get(folder);
    // What is gone was in a table, or it is gone from none.
    if (known !== undefined) return this.#isOf(known, name) ? known : undefined;
    if (name.collection === "" || this.#parts.isWanted?.(name) === false) return undefined;
    const log = this.#parts.openLog(folder, name);
    const table = {
      folder,
      name,
      log,
      streams: new Set<string>(),
      ...{ retries: new Retries(), unanswered: 0 },
    };
    this.#tables.set(folder, table);
    return table;
  }

  #isOf({ folder, name: owner }: KeptTable, name: TableName): boolean {
    if (name.collection === "" || textOf(owner) === textOf(name)) return true;
    const has = `its folder "${folder}/" has the events of ${textOf(owner)}`;
    this.#refusals.add(textOf(name), "", { why: `${has}; give each a folder of its own` });
    return false;
  }

  async #note(): Promise<void> {
    const { hint: place } = this.#parts;
    if (place === undefined) return;
    const lake = { streams: this.#streams, closed: this.#closed, holes: this.#holes };
    const { noted: refusals } = this.#refusals;
    await writeHint(place, hintOf({ ...lake, refusals, tables: this.#tables, drop: this.#drop }));
    this.#mustNote = false;
  }
}
