import { laterTime } from "../../model/cluster_time.ts";
import {
  isRangeKey,
  rangeKey,
  type RangeToRun,
  restId,
  type SnapshotIntent,
  type SnapshotPlan,
} from "../../model/snapshot.ts";
import { mayLeaveOut } from "../../model/snapshot_share.ts";
import type { NoSnapshot } from "../../model/snapshot_wish.ts";
import { type Stream, streamKey } from "../../model/stream.ts";
import { isoTime } from "../../support/clock.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { Journal } from "../ports.ts";
import type { SnapshotFiles, SnapshotFound } from "../snapshots.ts";
import { emptyPlan, type PlanParts, planSnapshot } from "./plan_snapshot.ts";
import { isDue } from "./due_snapshot.ts";
import { inTurn, lookAtAll, TARGETS_IN_FLIGHT_MAX } from "./look_in_turn.ts";
import { endOf } from "./snapshot_end.ts";
import { progressOf, type RangeSeen } from "./snapshot_progress.ts";

/**
 * Where nothing is to be read, it is looked so often whether somebody has asked for a snapshot and could tell nobody: a look is
 * a request, and a copy that did nothing else would pay for it.
 */
const IDLE_LOOK_MS = 50_000;

/** So long after the last news each look is one: other copies that begin targets now tell nobody. */
const NEWS_MS = 300_000;

/** So often all of many snapshots are looked at: what was closed out of turn by a copy that is gone has no end yet. */
const WHOLE_LOOK_MS = 300_000;

/** After so many new plans what is planned is read, and the next look plans on. */
const PLANS_A_LOOK_MAX = 64;

/** Journals that are looked at side by side. */
const LOOKS_IN_FLIGHT_MAX = 16;

export interface SnapshotCatalogOptions extends Omit<PlanParts, "settings" | "leaveOut"> {
  readonly files: SnapshotFiles;
  readonly journal: Journal;
  /** Ranges that are read at once, by all instances together: they share servers with the streams. */
  readonly rangesMax: number;
  /** Those that have the events of a target: itself, or its partitions, and what follows where it was retired. */
  readonly streamsOf: (target: Stream) => Promise<readonly Stream[]>;
  /** The retired targets inside of it, which have snapshots of their own or were begun without. Left out: there are none. */
  readonly followedBy?: (target: Stream) => Promise<readonly Stream[]>;
  /** Of records in the journals of ranges, as of now. */
  readonly settings: () => PlanParts["settings"];
  /** Whether snapshots become due here by themselves; else only those are found that somebody asks for. */
  readonly isWanted: () => boolean;
  /** Whether what this stream brings is read here: another pipeline may have its lake in the same place. */
  readonly isOurs: (stream: Stream) => Promise<boolean>;
  /** Whether a part of what this stream brought is read here: what is cancelled of it is closed. Left out: it is not. */
  readonly hasPartOf?: (stream: Stream) => Promise<boolean>;
  readonly observe: (event: SnapshotEvent) => void;
}

export type SnapshotEvent =
  | { readonly type: "planned"; readonly plan: SnapshotPlan }
  | {
    readonly type: "complete" | "cancelled";
    readonly plan: SnapshotPlan;
    readonly documentsRead: number;
  }
  /** A target begins whose documents become no rows, though nobody has said so; told once. */
  | { readonly type: "withheld"; readonly why: NoSnapshot };

/** How far a snapshot is. */
export interface SnapshotState {
  readonly id: string;
  readonly stream: Stream;
  /** What is read, where that is a part of what the stream brings. */
  readonly target?: Stream;
  /** Whether only documents are read that fit a filter. */
  readonly isFiltered: boolean;
  /** `cancelling`: nothing more is read of it, and its ranges are being closed. */
  readonly state: "due" | "running" | "complete" | "cancelling" | "cancelled";
  /** In the lake; those that were read again count again. */
  readonly documentsRead: number;
  readonly bytesStored: number;
  /** About so many were there when it was planned, with those that do not fit a filter; absent before. */
  readonly documentsExpected?: number;
  /** Absent where nothing was read lately. */
  readonly documentsPerSecond?: number;
  readonly ranges: { readonly closed: number; readonly of: number };
}

/** As a pipeline knows it. */
export interface KnownSnapshot extends SnapshotState {
  /** Whether it, or its stream, is told to pause. */
  readonly isPaused: boolean;
}

interface Looked {
  readonly state: SnapshotState;
  /** The numbers of the ranges that are not closed. */
  readonly open: readonly number[];
}

/** The snapshots of a lake that are not at their end: plans what is due, says what is to run, and notes what is done. */
export class SnapshotCatalog {
  readonly #options: SnapshotCatalogOptions;
  readonly #intents = new Map<string, SnapshotIntent>();
  readonly #plans = new Map<string, SnapshotPlan>();
  readonly #cancels = new Map<string, AbortController>();
  /** Announced, but nothing is to be read. */
  readonly #never = new Set<string>();
  /** Their ends were put or seen. */
  readonly #ended = new Set<string>();
  /** How far their ranges were at the last look. */
  readonly #seen = new Map<string, Map<string, RangeSeen>>();
  /** By id, in the order in which they are read, as of the last look. */
  #looked: ReadonlyMap<string, Looked> = new Map();
  /** Ranges that were closed here since their snapshot was looked at, with its id. */
  readonly #closed = new Map<string, string>();
  #ranges: ReadonlyMap<string, RangeToRun> = new Map();
  #lookedMs = -Infinity;
  #wholeLookMs = -Infinity;
  #hasMore = false;
  #heard: ReadonlySet<string> = new Set();
  /** How often there was news, and how much of it a look has followed that went well. */
  #news = 0;
  #newsLooked = 0;
  #newsMs: number;

  constructor(options: SnapshotCatalogOptions) {
    this.#options = options;
    this.#newsMs = options.clock.monotonicMs();
  }

  /** Whether something is due of which nobody knows yet what is to be read. */
  get isExpecting(): boolean {
    return this.#news !== this.#newsLooked ||
      [...this.#looked.values()].some(({ state }) => state.state === "due");
  }

  /** Whether the last look has planned much, and left something to the next one. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** Takes note of what was announced here: the next look is one in any case. */
  announced(intent: SnapshotIntent): void {
    this.#intents.set(intent.id, intent);
    this.#hasNews();
  }

  #hasNews(): void {
    this.#news++;
    this.#newsMs = this.#options.clock.monotonicMs();
  }

  /** Those that are to run now, by key, as of the last `refresh`. */
  get ranges(): ReadonlyMap<string, RangeToRun> {
    return this.#ranges;
  }

  /** As of the last `refresh`: those that are not at their end, and those that were seen to come there. */
  get states(): readonly SnapshotState[] {
    return [...this.#looked.values()].map(({ state }) => state);
  }

  /** What people have noted; where there is news of snapshots in it, says so, and the next look is one in any case. */
  hear(notes: ReadonlySet<string>): boolean {
    const isNews = [...notes].some((key) => isRangeKey(key) && !this.#heard.has(key));
    this.#heard = notes;
    if (isNews) this.#hasNews();
    return isNews;
  }

  /** Takes note that a range is closed: the next one may run before it is looked again. */
  closed(key: string): void {
    const range = this.#ranges.get(key);
    if (range === undefined) return;
    this.#closed.set(key, range.plan.id);
    this.#ranges = this.#rangesToRun();
  }

  /**
   * Looks again; looks must not overlap. Where it throws, what was known stays of what it could not look at, and the others
   * go on.
   */
  async refresh(signal: AbortSignal): Promise<void> {
    const { files, isWanted, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const isQuiet = !isWanted() || nowMs - this.#newsMs > NEWS_MS;
    const isIdle = isQuiet && [...this.#looked.keys()].every((id) => this.#ended.has(id));
    const news = this.#news;
    if (isIdle && news === this.#newsLooked && nowMs - this.#lookedMs < IDLE_LOOK_MS) return;
    const closedBefore = [...this.#closed];
    const found = new Map([...await files.find()].sort(([a], [b]) => a < b ? -1 : 1));
    const before = this.#looked;
    const open = [...found.keys()].filter((id) => {
      return !this.#ended.has(id) && (before.has(id) || !found.get(id)!.hasEnd);
    });
    const looks = new Map<string, Looked | undefined>();
    const failures = new Map<string, unknown>();
    const look = async (id: string) => {
      try {
        looks.set(id, await this.#look(id, found, signal));
      } catch (error) {
        failures.set(id, error);
        looks.set(id, before.get(id));
      }
    };
    const closedOf = new Set(closedBefore.map(([, id]) => id));
    const isWhole = nowMs - this.#wholeLookMs >= WHOLE_LOOK_MS;
    if (isWhole) this.#wholeLookMs = nowMs;
    const waits = (id: string) => {
      const { hasEnd, isCancelled } = found.get(id)!;
      return !isWhole && before.get(id)?.state.state === "running" && !hasEnd && !isCancelled &&
        !closedOf.has(id);
    };
    const isToPlan = (id: string) => {
      const { hasPlan, isCancelled } = found.get(id)!;
      return !this.#plans.has(id) && !hasPlan && !isCancelled;
    };
    const due = open.filter((id) => !waits(id));
    await lookAtAll(due.filter((id) => !isToPlan(id)), look);
    // In the order in which they are read: behind those that are read now none has come further.
    await inTurn(
      open.filter(waits),
      TARGETS_IN_FLIGHT_MAX,
      this.#options.rangesMax,
      async (ids) => {
        await lookAtAll(ids, look);
        return ids.reduce((sum, id) => sum + (looks.get(id)?.open.length ?? 0), 0);
      },
    );
    const toPlan = due.filter(isToPlan);
    this.#hasMore = await inTurn(toPlan, PLANS_A_LOOK_MAX, PLANS_A_LOOK_MAX, async (ids) => {
      await lookAtAll(ids, look);
      return ids.filter((id) => this.#plans.has(id)).length;
    });
    const looked = new Map<string, Looked>();
    for (const id of found.keys()) {
      const known = looks.has(id)
        ? looks.get(id)
        : before.get(id) ?? await this.#announcedState(id);
      if (known !== undefined) looked.set(id, known);
    }
    this.#looked = looked;
    for (const [key, id] of closedBefore) if (!failures.has(id)) this.#closed.delete(key);
    this.#ranges = this.#rangesToRun();
    this.#lookedMs = nowMs;
    if (failures.size > 0) throw [...failures.values()][0];
    this.#newsLooked = news;
  }

  /** Of what was announced here, and no look has come to yet. */
  async #announcedState(id: string): Promise<Looked | undefined> {
    const intent = this.#never.has(id) || this.#ended.has(id) ? undefined : this.#intents.get(id);
    const isOurs = intent !== undefined && await this.#options.isOurs(intent.stream);
    return isOurs ? dueState(intent) : undefined;
  }

  /** What is cancelled is only closed, which costs nobody anything. */
  #rangesToRun(): Map<string, RangeToRun> {
    const ranges = new Map<string, RangeToRun>();
    for (const [id, { open }] of this.#looked) {
      const cancelled = this.#cancel(id).signal;
      for (const index of open) {
        if (ranges.size >= this.#options.rangesMax && !cancelled.aborted) break;
        const plan = this.#plans.get(id)!;
        const key = rangeKey(id, index, plan.ranges.length);
        if (!this.#closed.has(key)) ranges.set(key, { plan, index, cancelled });
      }
    }
    return ranges;
  }

  #cancel(id: string): AbortController {
    const known = this.#cancels.get(id) ?? new AbortController();
    this.#cancels.set(id, known);
    return known;
  }

  /** Undefined where it is none of ours. */
  async #look(
    id: string,
    found: Map<string, SnapshotFound>,
    signal: AbortSignal,
  ): Promise<Looked | undefined> {
    const { files, journal, clock, observe } = this.#options;
    const { hasPlan, isCancelled } = found.get(id)!;
    const known = this.#plans.get(id) ?? (hasPlan ? await files.readPlan(id) : undefined);
    const plan = known ?? await this.#plan(id, found, signal);
    if (plan === undefined) {
      if (this.#never.has(id)) return undefined;
      const intent = this.#intents.get(id);
      const isOurs = intent !== undefined && await this.#isOurs(intent.stream, isCancelled);
      return isOurs ? dueState(intent) : undefined;
    }
    if (!await this.#isOurs(plan.stream, isCancelled)) return undefined;
    this.#plans.set(id, plan);
    if (isCancelled) this.#cancel(id).abort(new Error("The snapshot was cancelled"));
    const seen = this.#seen.get(id) ?? new Map<string, RangeSeen>();
    this.#seen.set(id, seen);
    const progress = await progressOf(journal, plan, clock.wallMs(), seen);
    const { open, isCut, documentsRead } = progress;
    let state: SnapshotState["state"] = isCancelled ? "cancelling" : "running";
    if (open.length === 0) {
      const isCancelledOutcome = isCut || isCancelled && plan.ranges.length === 0;
      const writtenAt = isoTime(clock.wallMs());
      const end = await files.putEnd(
        isCancelledOutcome
          ? { v: 1, id, outcome: "cancelled", writtenAt }
          : await endOf(journal, plan, seen, writtenAt),
      );
      state = end.outcome ?? "complete";
      this.#ended.add(id);
      this.#seen.delete(id);
      observe({ type: state === "cancelled" ? state : "complete", plan, documentsRead });
    }
    return { state: stateOf(plan, state, progress), open };
  }

  async #isOurs(stream: Stream, isCancelled: boolean): Promise<boolean> {
    const { isOurs, hasPartOf } = this.#options;
    return await isOurs(stream) || isCancelled && await hasPartOf?.(stream) === true;
  }

  /** Undefined while its stream has not begun: then nothing is known of where its events begin. */
  async #plan(
    id: string,
    found: Map<string, SnapshotFound>,
    signal: AbortSignal,
  ): Promise<SnapshotPlan | undefined> {
    const facts = found.get(id)!;
    const { files, journal, streamsOf, followedBy, settings, clock, observe } = this.#options;
    const intent = this.#intents.get(id) ?? await files.readIntent(id);
    if (intent === undefined) return undefined;
    this.#intents.set(id, intent);
    if (!await this.#isOurs(intent.stream, facts.isCancelled)) return undefined;
    const parts = { ...this.#options, settings: settings() };
    // Whoever does not know yet that it is cancelled finds this plan, and has nothing to read.
    if (facts.isCancelled) return await files.putPlan(emptyPlan(parts, intent, { t: 0, i: 0 }));
    const due = await isDue(files, found, journal, intent);
    if (due === "not-yet") return undefined;
    if (due === "never") {
      // Somebody who looked before what covers it was there may plan it at this time: the first plan counts.
      const first = await files.putPlan(emptyPlan(parts, intent, { t: 0, i: 0 }));
      if (first.ranges.length > 0) return first;
      await files.putEnd({ v: 1, id, writtenAt: isoTime(clock.wallMs()) });
      this.#never.add(id);
      return undefined;
    }
    const streams = await streamsOf(intent.stream);
    const ends = await mapLimited(streams, LOOKS_IN_FLIGHT_MAX, (each) => {
      return journal.last(streamKey(each));
    });
    if (ends.length === 0 || ends.some((last) => last === undefined)) return undefined;
    // Behind all gaps so far, and behind what a server has before a restore.
    const floor = ends.map((last) => last!.to.operationTime).reduce(
      laterTime,
      intent.onto?.at ?? { t: 0, i: 0 },
    );
    const leaveOut = id === restId(intent.stream) ? await followedBy?.(intent.stream) ?? [] : [];
    const planned = await planSnapshot({ ...parts, leaveOut }, intent, floor, signal);
    const plan = await files.putPlan(planned);
    found.set(id, { ...facts, hasPlan: true });
    observe({ type: "planned", plan });
    return plan;
  }
}

function dueState({ id, stream, target, where }: SnapshotIntent): Looked {
  const state: SnapshotState = {
    ...{ id, stream, ...(target === undefined ? {} : { target }) },
    ...{ isFiltered: where !== undefined, state: "due", documentsRead: 0, bytesStored: 0 },
    ranges: { closed: 0, of: 0 },
  };
  return { state, open: [] };
}

function stateOf(
  plan: SnapshotPlan,
  state: SnapshotState["state"],
  { open, documentsRead, bytesStored, documentsPerSecond }: Awaited<ReturnType<typeof progressOf>>,
): SnapshotState {
  const { id, stream, target, documents, ranges: { length: of } } = plan;
  return {
    ...{ id, stream, ...(target === undefined ? {} : { target }) },
    ...{ isFiltered: mayLeaveOut(plan), state, documentsRead, bytesStored },
    documentsExpected: documents,
    ...(documentsPerSecond === undefined ? {} : { documentsPerSecond }),
    ranges: { closed: of - open.length, of },
  };
}
