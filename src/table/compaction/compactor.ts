import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { Journal, LakeStore } from "../../pipeline/ports.ts";
import type { Clock } from "../../support/clock.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { HeldFile, TableFile } from "../table_log.ts";
import { durableThrough } from "../follow/table_steps.ts";
import type { CompactableLog, ContainedFile, TableContents } from "./compactable_log.ts";
import { FILES_HELD_MAX, OldestFiles } from "./oldest_files.ts";
import {
  compactionId,
  type CompactionRecord,
  idOfOutput,
  listCompactions,
  outputPath,
  putCompaction,
  readCompaction,
  type RecordStore,
} from "./compaction_record.ts";
import { candidatesIn, planCompactions, type PlannedCompaction } from "./plan_compactions.ts";

const JOURNALS_IN_FLIGHT_MAX = 16;

/** What could not be joined is tried again then: it may have been a right that was missing. */
const AGAIN_MS = 24 * 3_600_000;

/**
 * Makes one object of others, unless it is there; or tells of one that cannot be joined with any other. Throws `PermanentError` where
 * the whole cannot be made.
 */
export type Join = (
  folder: string,
  inputs: readonly HeldFile[],
  output: string,
) => Promise<UnfitObject | undefined | void>;

export interface UnfitObject {
  readonly path: string;
  readonly why: string;
}

export interface CompactorParts {
  /** Where records of compactions lie. */
  readonly records: RecordStore;
  readonly journal: Pick<Journal, "last">;
  /** Where objects lie. */
  readonly objects: Pick<LakeStore, "head">;
  readonly join: Join;
  readonly clock: Clock;
  /** Files of a table that are held at once. Default: `FILES_HELD_MAX`. */
  readonly filesHeldMax?: number;
}

/** What was done to one table. */
export interface Compacted {
  /** Commits of this compaction, each with one object. */
  readonly outputs: number;
  /** Objects that are no longer in the table. */
  readonly inputs: number;
  readonly bytes: number;
  /** Why some objects stay as they are. */
  readonly faults: readonly string[];
}

/**
 * Joins small objects of one table. It may be done by any number at once, and be killed or stopped for long anywhere: an object's
 * name follows from what is joined, it is recorded before a table names it, and the table takes it only in place of all that is joined.
 */
export class Compactor {
  readonly #parts: CompactorParts;
  readonly #folder: string;
  readonly #log: CompactableLog;
  /** Of which table it is known, by compaction, that it has not all of its inputs. */
  #useless: { readonly id: string; readonly compactions: Set<string> } | undefined;
  /** Compactions that could not be made, by their ids, and objects that cannot be joined, by their paths; and why. */
  readonly #impossible = new Map<string, { readonly why: string; readonly atMs: number }>();

  constructor(parts: CompactorParts, folder: string, log: CompactableLog) {
    this.#parts = parts;
    this.#folder = folder;
    this.#log = log;
  }

  /**
   * Joins what can be joined now. `goesOn` is asked before each object but the first, for to find out what there is takes long
   * where the table is large. It may end early, and then nothing is lost.
   */
  async compact(goesOn: () => boolean): Promise<Compacted & { readonly isAll: boolean }> {
    const sum = { outputs: 0, inputs: 0, bytes: 0 };
    this.#forgetFaults();
    let begun = 0;
    const mayBegin = () => begun++ === 0 || goesOn();
    let isAll = true;
    let fromMs: number | undefined = -Infinity;
    while (fromMs !== undefined && isAll) {
      const before = sum.outputs;
      const files: OldestFiles = this.#oldest(fromMs);
      isAll = await this.#joinThose(files, sum, mayBegin);
      const { leftFromMs } = files;
      // What cannot be joined must not hold up what comes behind it.
      const isStuck: boolean = leftFromMs === fromMs && sum.outputs === before;
      fromMs = isStuck ? fromMs + 1 : leftFromMs;
    }
    return { ...sum, isAll, faults: [...this.#impossible.values()].map(({ why }) => why) };
  }

  #oldest(fromMs: number): OldestFiles {
    const { clock, filesHeldMax = FILES_HELD_MAX } = this.#parts;
    return new OldestFiles({ fromMs, nowMs: clock.wallMs(), filesHeldMax });
  }

  /** Whether all was done that could be. */
  async #joinThose(
    oldest: OldestFiles,
    sum: { outputs: number; inputs: number; bytes: number },
    mayBegin: () => boolean,
  ): Promise<boolean> {
    const contents = await this.#log.contents((files) => oldest.choose(files));
    if (contents === undefined) return true;
    const left = new Map(contents.files.map((file) => [file.path, file]));
    const commit = async (record: CompactionRecord) => {
      const { inputs, output } = record;
      const outcome = await contents.replace(inputs.map(({ path }) => path), output);
      for (const { path } of inputs) left.delete(path);
      if (outcome === "changed") return;
      sum.outputs++;
      sum.inputs += inputs.length;
      sum.bytes += output.bytes;
    };
    for await (const record of this.#recorded(contents, left, oldest)) {
      if (!mayBegin()) return false;
      await commit(record);
    }
    const plans = await this.#planned([...left.values()]);
    for (let plan = plans.shift(); plan !== undefined; plan = plans.shift()) {
      if (this.#impossible.has(compactionId(plan.inputs))) continue;
      if (!mayBegin()) return false;
      const made = await this.#make(plan);
      if (made === undefined) continue;
      if ("why" in made) plans.unshift(...this.#without(plan, made));
      else await commit(made);
    }
    return true;
  }

  /** What was joined already, of objects that are all in the table: it was made anew, or a commit was never made. */
  async *#recorded(
    { id, files }: TableContents,
    left: ReadonlyMap<string, ContainedFile>,
    oldest: OldestFiles,
  ): AsyncGenerator<CompactionRecord> {
    const { records } = this.#parts;
    if (this.#useless?.id !== id) this.#useless = { id, compactions: new Set() };
    const { compactions: useless } = this.#useless;
    const inTable = new Set(files.map(({ path }) => idOfOutput(path)));
    for (const compaction of await listCompactions(records, this.#folder)) {
      if (inTable.has(compaction) || useless.has(compaction)) continue;
      if (this.#impossible.has(compaction)) continue;
      const read = () => readCompaction(records, this.#folder, compaction);
      const record = await this.#unlessImpossible(compaction, read);
      if (record === undefined || !oldest.isAbout(record.output)) continue;
      const isWhole = record.inputs.every(({ path, bytes }) => left.get(path)?.bytes === bytes);
      if (isWhole && await this.#isStored(record.output)) yield record;
      else useless.add(compaction);
    }
  }

  async #planned(files: readonly ContainedFile[]): Promise<PlannedCompaction[]> {
    const { journal, clock } = this.#parts;
    const fit = files.filter(({ path }) => !this.#impossible.has(path));
    const candidates = candidatesIn(fit, clock.wallMs());
    const streams = new Map<string, number>();
    for (const { name: { streamKey, seq } } of candidates) {
      streams.set(streamKey, Math.max(seq, streams.get(streamKey) ?? 0));
    }
    const through = new Map<string, number>();
    await mapLimited([...streams], JOURNALS_IN_FLIGHT_MAX, async ([key, seq]) => {
      const last = await journal.last(key, seq);
      through.set(key, last === undefined ? -1 : durableThrough([last]));
    });
    return planCompactions(candidates, (key) => through.get(key) ?? -1);
  }

  /** The rest of a plan; nothing where that is a single object. */
  #without({ inputs, bounds }: PlannedCompaction, { path, why }: UnfitObject): PlannedCompaction[] {
    this.#impossible.set(path, { why, atMs: this.#parts.clock.monotonicMs() });
    const rest = inputs.filter((input) => input.path !== path);
    return rest.length < 2 || rest.length === inputs.length ? [] : [{ inputs: rest, bounds }];
  }

  /** Undefined where it cannot be made. */
  async #make(
    { inputs, bounds }: PlannedCompaction,
  ): Promise<CompactionRecord | UnfitObject | undefined> {
    const { records, objects, join, clock } = this.#parts;
    const id = compactionId(inputs);
    const path = outputPath(id);
    const key = `${this.#folder}/${path}`;
    return await this.#unlessImpossible(id, async () => {
      const found = await objects.head(key);
      const unfit = found === undefined && await join(this.#folder, inputs, path);
      if (unfit) return unfit;
      const { bytes } = found ?? await objects.head(key) ?? { bytes: 0 };
      if (bytes === 0) throw new PermanentError(`The object "${key}" was stored and is gone`);
      const rows = inputs.reduce((sum, input) => sum + input.rows, 0);
      const output = { path, bytes, rows, writtenAtMs: Math.floor(clock.wallMs()), bounds };
      const record = await putCompaction(records, this.#folder, { v: 1, inputs, output });
      if (record.output.bytes === bytes) return record;
      const differs = `has ${bytes} bytes, and its compaction says ${record.output.bytes}`;
      throw new PermanentError(`The object "${key}" ${differs}; delete it, and it is made again`);
    });
  }

  /** Undefined where it cannot be done, which is remembered. */
  async #unlessImpossible<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      const atMs = this.#parts.clock.monotonicMs();
      this.#impossible.set(id, { why: errorMessage(error), atMs });
      return undefined;
    }
  }

  #forgetFaults(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    for (const [id, { atMs }] of this.#impossible) {
      if (nowMs - atMs >= AGAIN_MS) this.#impossible.delete(id);
    }
  }

  async #isStored({ path, bytes }: TableFile): Promise<boolean> {
    const stored = await this.#parts.objects.head(`${this.#folder}/${path}`);
    return stored?.bytes === bytes;
  }
}
