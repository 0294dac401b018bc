import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import { VERSION } from "../../support/version.ts";
import {
  type Action,
  addOf,
  boundsOf,
  encodePath,
  heldFileOf,
  newMetaData,
  newProtocol,
  removeOf,
  type TableWriters,
  withHoles,
} from "./actions.ts";
import { cleanLog } from "./cleaning.ts";
import { type DeltaStore, putEntry } from "./files.ts";
import { HeldPaths } from "./held_paths.ts";
import {
  afterEntry,
  assertOurs,
  type DeltaState,
  hasTip,
  loadDelta,
  refreshDelta,
} from "./state.ts";
import { markIn, txnsOf } from "./txns.ts";
import { filesAt, keepCheckpoints } from "./upkeep.ts";
import type {
  ChooseFiles,
  CompactableLog,
  Replacement,
  TableContents,
} from "../compaction/compactable_log.ts";
import { isAmong } from "../compaction/oldest_files.ts";
import { BegunTable, type BegunTableParts, type StepsForTable } from "../compaction/begun_table.ts";
import { begunWithOf } from "../table_properties.ts";
import { commitSteps, CONFLICTS_MAX, type ContestedTable, tooSlow } from "../commit_steps.ts";
import { LeftSteps, type RecordIdOf } from "../left_steps.ts";
import { appIdOf, recordMark } from "../stream_marks.ts";
import {
  addHoles,
  type CommitOutcome,
  hasHoles,
  type KnownTable,
  NO_HOLES,
  type StreamSteps,
  type TableFile,
  type TableLog,
  type TableName,
} from "../table_log.ts";

/** Behind a pause of this length the end of the log is looked for anew: entries may have been cleaned away meanwhile. */
const TIP_AGE_MS_MAX = 3_600_000;

export interface DeltaParts {
  readonly store: DeltaStore;
  readonly folder: string;
  readonly name: TableName;
  readonly writers: TableWriters;
  readonly clock: Clock;
  readonly random: Random;
  readonly recordId: RecordIdOf;
  readonly compactions: BegunTableParts;
  /** Told of what failed beside a commit that succeeded. */
  readonly failedBeside: (what: "checkpoint" | "cleaning", error: unknown) => void;
}

/**
 * A Delta table over the objects of one collection. Its log entries are put if absent, and each has, as `txn`, the place in
 * the journals up to which the table has come: so each record counts once, whoever commits it, and however often.
 */
export class DeltaLog implements TableLog, CompactableLog {
  readonly #parts: DeltaParts;
  #state: DeltaState | undefined;
  /** When the end of the log was read, or an entry that was its end. */
  #readMs = -Infinity;
  readonly #left: LeftSteps;
  readonly #begun: BegunTable;

  constructor(parts: DeltaParts) {
    this.#parts = parts;
    this.#begun = new BegunTable(parts.compactions, parts.folder);
    this.#left = new LeftSteps(parts.folder, parts.recordId);
  }

  async look(): Promise<KnownTable | undefined> {
    const state = await this.#refresh();
    return state && knownOf(state);
  }

  async commit(streams: readonly StreamSteps[], known?: KnownTable): Promise<CommitOutcome> {
    const table: ContestedTable<DeltaState> = {
      ...{ folder: this.#parts.folder, left: this.#left, knownOf },
      markOf: ({ txns }, appId) => markIn(txns, appId),
      load: () => this.#refresh(),
      change: async (before, steps) => await this.#put(before, steps) ?? "conflict",
    };
    // Of who was faster the put tells, and behind a put of ours there is nobody: so a commit is two requests.
    return await commitSteps(table, await this.#knownState(), streams, known);
  }

  async contents(choose: ChooseFiles = (files) => files): Promise<TableContents | undefined> {
    const { store, folder } = this.#parts;
    const state = await this.#refresh();
    if (state === undefined) return undefined;
    const { there } = await filesAt(store, folder, state);
    const files = choose([...there.values()].map((add) => {
      const bounds = boundsOf(add);
      return { ...heldFileOf(add), ...(bounds === undefined ? {} : { bounds }) };
    }));
    const isHeld = isAmong(files.map(({ path }) => encodePath(path)));
    const held = new HeldPaths(store, folder, there.keys(), state.version, isHeld);
    const known = knownOf(state);
    return {
      ...{ ...known, files },
      replace: (inputs, output) => this.#replace(known, held, inputs, output),
    };
  }

  async #replace(
    { id }: KnownTable,
    held: HeldPaths,
    inputs: readonly string[],
    output: TableFile,
  ): Promise<Replacement> {
    const { folder, clock, random } = this.#parts;
    for (let conflicts = 0; conflicts < CONFLICTS_MAX; conflicts++) {
      const state = await this.#refresh();
      if (state?.metaData.id !== id) return "changed";
      await held.bringTo(state);
      const isThere = held.has(encodePath(output.path));
      const left = inputs.filter((path) => held.has(encodePath(path))).length;
      // Also after a put of ours whose answer was lost.
      if (isThere && left === 0) return "replaced";
      if (isThere || left < inputs.length) return "changed";
      const actions = replacingActions(inputs, output, clock.wallMs(), random.uuid());
      if (await this.#putNext(state, actions) === undefined) continue;
      held.apply(actions);
      return "replaced";
    }
    throw tooSlow(folder);
  }

  /** The table as it was known, where its last entry is still there: so none behind it is cleaned away. */
  async #knownState(): Promise<DeltaState | undefined> {
    const { store, folder, name, clock } = this.#parts;
    const state = this.#state;
    const nowMs = clock.monotonicMs();
    if (state === undefined || !await hasTip(store, folder, state)) return await this.#refresh();
    this.#readMs = nowMs;
    assertOurs(folder, name, state);
    return state;
  }

  /** The end of the log may have been cleaned away since it was read. */
  #isOld(): boolean {
    return this.#parts.clock.monotonicMs() - this.#readMs > TIP_AGE_MS_MAX;
  }

  async #refresh(): Promise<DeltaState | undefined> {
    const { store, folder, name, clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    const before = this.#isOld() ? undefined : this.#state;
    const refreshed = before && await refreshDelta(store, folder, before);
    this.#state = refreshed ?? await loadDelta(store, folder);
    this.#readMs = nowMs;
    if (this.#state !== undefined) assertOurs(folder, name, this.#state);
    return this.#state;
  }

  /** The table behind these steps; undefined where the next entry is not ours. */
  async #put(
    before: DeltaState | undefined,
    streams: readonly StreamSteps[],
  ): Promise<DeltaState | undefined> {
    const steps = await this.#begun.stepsFor(
      before && { begunWith: begunWithOf(before.metaData.configuration) },
      streams,
    );
    const after = await this.#putNext(before, this.#actions(before, steps));
    if (after !== undefined) this.#left.accept(streams);
    return after;
  }

  /** The table behind these actions; undefined where the next entry is not ours. */
  async #putNext(
    before: DeltaState | undefined,
    actions: readonly Action[],
  ): Promise<DeltaState | undefined> {
    const { store, folder, clock } = this.#parts;
    const text = actions.map((action) => JSON.stringify(action) + "\n").join("");
    const version = (before?.version ?? -1) + 1;
    const putMs = clock.monotonicMs();
    const outcome = await putEntry(store, folder, version, new TextEncoder().encode(text));
    // After a long pause the number may have been one that was cleaned away: only the log says.
    if (outcome === "exists" || this.#isOld()) return undefined;
    this.#readMs = putMs;
    const after = afterEntry(folder, before, actions);
    this.#state = after;
    return this.#state = { ...after, checkpoint: await this.#keepUp(after) };
  }

  /** Answers the newest checkpoint. Readers do without one; a later one makes it good. */
  async #keepUp(state: DeltaState): Promise<number> {
    const { store, folder, clock, failedBeside } = this.#parts;
    const nowMs = clock.wallMs();
    let { checkpoint } = state;
    try {
      checkpoint = await keepCheckpoints(store, folder, state, nowMs);
    } catch (error) {
      failedBeside("checkpoint", error);
    }
    if (checkpoint === state.checkpoint) return checkpoint;
    // Whoever may not delete has its checkpoints all the same.
    await cleanLog(store, folder, checkpoint, nowMs)
      .catch((error: unknown) => failedBeside("cleaning", error));
    return checkpoint;
  }

  #actions(
    before: DeltaState | undefined,
    { streams, joined, begunWith }: StepsForTable,
  ): Action[] {
    const { name, writers, clock, random } = this.#parts;
    const nowMs = clock.wallMs();
    const steps = streams.flatMap((stream) => stream.steps);
    const holes = steps.reduce((sum, step) => addHoles(sum, step.holes), NO_HOLES);
    const metaData = before?.metaData ?? newMetaData(random.uuid(), name, nowMs, begunWith);
    const saysMore = before === undefined || hasHoles(holes);
    return [
      { commitInfo: commitInfoOf(streams, nowMs, random.uuid()) },
      ...(before === undefined ? [{ protocol: newProtocol(writers) }] : []),
      ...(saysMore ? [{ metaData: withHoles(metaData, holes) }] : []),
      ...streams.flatMap(({ streamKey, lake, steps }) => {
        const { seq, recordId } = steps.at(-1)!;
        const mark = { seq, record: recordMark(recordId) };
        return txnsOf(appIdOf(streamKey, lake), mark).map((txn) => ({ txn }));
      }),
      ...joined.map((file) => ({ add: addOf(file) })),
      ...steps.flatMap(({ files }) => files.map((file) => ({ add: addOf(file) }))),
      ...steps.flatMap(({ gone }) => gone.map((path) => ({ remove: removeOf(path, nowMs) }))),
    ];
  }
}

function knownOf({ metaData: { id }, version }: DeltaState): KnownTable {
  return { id, version };
}

function commitInfoOf(
  streams: readonly StreamSteps[],
  timestamp: number,
  txnId: string,
): NonNullable<Action["commitInfo"]> {
  const records = streams.map(({ streamKey, steps }) => [
    streamKey,
    `${steps[0]!.seq}-${steps.at(-1)!.seq}`,
  ]);
  return {
    timestamp,
    operation: "WRITE",
    operationParameters: { mode: "Append" },
    isBlindAppend: streams.every(({ steps }) => steps.every(({ gone }) => gone.length === 0)),
    engineInfo: `tributary/${VERSION}`,
    userMetadata: JSON.stringify({ records: Object.fromEntries(records) }),
    txnId,
  };
}

/** Readers that follow changes pass over it, for no row of the table is another one behind it. */
function replacingActions(
  inputs: readonly string[],
  output: TableFile,
  timestamp: number,
  txnId: string,
): Action[] {
  const commitInfo = {
    ...{ timestamp, operation: "OPTIMIZE", operationParameters: {}, isBlindAppend: false },
    ...{ engineInfo: `tributary/${VERSION}`, txnId },
  };
  return [
    { commitInfo },
    ...inputs.map((path) => ({ remove: { ...removeOf(path, timestamp), dataChange: false } })),
    { add: { ...addOf(output), dataChange: false } },
  ];
}
