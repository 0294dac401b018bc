import { laterTime } from "../../model/cluster_time.ts";
import type { JournalRecord } from "../../model/record.ts";
import {
  rangeKey,
  type RangeToRun,
  type SnapshotIntent,
  type SnapshotPlan,
} from "../../model/snapshot.ts";
import { type Stream, streamKey } from "../../model/stream.ts";
import { isoTime } from "../../support/clock.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { Journal } from "../ports.ts";
import type { SnapshotFiles } from "../snapshots.ts";
import { type PlanParts, planSnapshot } from "./plan_snapshot.ts";
import { rowsSoFar } from "./range_journal.ts";

/** Ranges that are read at once, by all instances together: they share servers with the streams. */
const RANGES_AT_ONCE_MAX = 4;

/** Journals that are looked at side by side. */
const LOOKS_IN_FLIGHT_MAX = 16;

export interface SnapshotCatalogOptions extends Omit<PlanParts, "settings"> {
  readonly files: SnapshotFiles;
  readonly journal: Journal;
  /** Those that have the events of a target now: itself, or its partitions. */
  readonly streamsOf: (target: Stream) => Promise<readonly Stream[]>;
  /** Of records in the journals of ranges, as of now. */
  readonly settings: () => PlanParts["settings"];
  /** Whether snapshots become due here; else those that are due already are looked for once, and finished. */
  readonly isWanted: boolean;
  readonly observe: (event: SnapshotEvent) => void;
}

export type SnapshotEvent =
  | { readonly type: "planned"; readonly plan: SnapshotPlan }
  | { readonly type: "complete"; readonly plan: SnapshotPlan; readonly documentsRead: number };

/** How far a snapshot is. */
export interface SnapshotState {
  readonly id: string;
  readonly stream: Stream;
  readonly state: "due" | "running" | "complete";
  /** In the lake; those that were read again count again. */
  readonly documentsRead: number;
  /** About so many were there when it was planned; absent before. */
  readonly documentsExpected?: number;
  readonly ranges: { readonly closed: number; readonly of: number };
  readonly leftOut: SnapshotPlan["leftOut"];
}

/** The snapshots of a lake that are not complete: plans what is due, says what is to run, and notes what is done. */
export class SnapshotCatalog {
  readonly #options: SnapshotCatalogOptions;
  readonly #intents = new Map<string, SnapshotIntent>();
  readonly #plans = new Map<string, SnapshotPlan>();
  readonly #complete = new Set<string>();
  #states: readonly SnapshotState[] = [];
  #ranges: ReadonlyMap<string, RangeToRun> = new Map();
  #hasLooked = false;

  constructor(options: SnapshotCatalogOptions) {
    this.#options = options;
  }

  /** Those that are to run now, by key, as of the last `refresh`. */
  get ranges(): ReadonlyMap<string, RangeToRun> {
    return this.#ranges;
  }

  /** As of the last `refresh`: those that are not complete, and those that were seen to become so. */
  get states(): readonly SnapshotState[] {
    return this.#states;
  }

  /** Looks again; looks must not overlap. Where it throws, what was known stays. */
  async refresh(signal: AbortSignal): Promise<void> {
    const { files, isWanted } = this.#options;
    if (!isWanted && this.#hasLooked && this.#states.every(({ state }) => state === "complete")) {
      return;
    }
    const states: SnapshotState[] = [];
    const ranges = new Map<string, RangeToRun>();
    for (const [id, { hasEnd }] of [...await files.find()].sort(([a], [b]) => a < b ? -1 : 1)) {
      const known = this.#states.find((each) => each.id === id);
      if (hasEnd && known === undefined || known?.state === "complete") {
        if (known !== undefined) states.push(known);
        continue;
      }
      const { state, open } = await this.#look(id, signal);
      states.push(state);
      for (const index of open) {
        if (ranges.size >= RANGES_AT_ONCE_MAX) break;
        const plan = this.#plans.get(id)!;
        ranges.set(rangeKey(id, index, plan.ranges.length), { plan, index });
      }
    }
    this.#states = states;
    this.#ranges = ranges;
    this.#hasLooked = true;
  }

  async #look(id: string, signal: AbortSignal): Promise<{ state: SnapshotState; open: number[] }> {
    const { files, journal, clock, observe } = this.#options;
    const plan = this.#plans.get(id) ?? await files.readPlan(id) ?? await this.#plan(id, signal);
    if (plan === undefined) {
      const { stream } = this.#intents.get(id)!;
      const ranges = { closed: 0, of: 0 };
      return {
        state: { ...{ id, stream, state: "due", documentsRead: 0, ranges }, leftOut: [] },
        open: [],
      };
    }
    this.#plans.set(id, plan);
    const of = plan.ranges.length;
    const found = await mapLimited([...plan.ranges.keys()], LOOKS_IN_FLIGHT_MAX, async (i) => {
      const key = rangeKey(id, i + 1, of);
      const last: JournalRecord | undefined = await journal.last(key);
      const rows = last === undefined ? 0 : await rowsSoFar(journal, key, last);
      return { isClosed: last?.kind === "closed", rows };
    });
    const open = found.flatMap(({ isClosed }, i) => isClosed ? [] : [i + 1]);
    const documentsRead = found.reduce((sum, { rows }) => sum + rows, 0);
    const isComplete = open.length === 0;
    if (isComplete && !this.#complete.has(id)) {
      await files.putEnd({ v: 1, id, writtenAt: isoTime(clock.wallMs()) });
      this.#complete.add(id);
      observe({ type: "complete", plan, documentsRead });
    }
    const state: SnapshotState = {
      ...{ id, stream: plan.stream, documentsRead, documentsExpected: plan.documents },
      state: isComplete ? "complete" : "running",
      ranges: { closed: of - open.length, of },
      leftOut: plan.leftOut,
    };
    return { state, open };
  }

  /** Undefined while its stream has not begun: then nothing is known of where its events begin. */
  async #plan(id: string, signal: AbortSignal): Promise<SnapshotPlan | undefined> {
    const { files, journal, streamsOf, settings, observe } = this.#options;
    const intent = this.#intents.get(id) ?? await files.readIntent(id);
    if (intent === undefined) return undefined;
    this.#intents.set(id, intent);
    const streams = await streamsOf(intent.stream);
    const ends = await mapLimited(streams, LOOKS_IN_FLIGHT_MAX, (each) => {
      return journal.last(streamKey(each));
    });
    if (ends.some((last) => last === undefined)) return undefined;
    // Behind all gaps so far, and behind what a server has before a restore.
    const floor = ends.map((last) => last!.to.operationTime).reduce(laterTime);
    const parts = { ...this.#options, settings: settings() };
    const plan = await files.putPlan(await planSnapshot(parts, intent, floor, signal));
    observe({ type: "planned", plan });
    return plan;
  }
}
