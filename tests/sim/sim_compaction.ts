import assert from "node:assert/strict";
import type { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { TransientError } from "../../src/model/errors.ts";
import type { CompactableLog } from "../../src/table/compaction/compactable_log.ts";
import { idOfOutput, readCompaction } from "../../src/table/compaction/compaction_record.ts";
import { Compactor, type Join, type UnfitObject } from "../../src/table/compaction/compactor.ts";
import type { HeldFile, TableName } from "../../src/table/table_log.ts";
import type { Clock } from "../../src/support/clock.ts";
import { concatBytes } from "../../src/support/bytes/concat_bytes.ts";
import { type Fault, Outside, type OutsideCall } from "../support/outside.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { isSettledIn } from "./deletion_inspector.ts";
import { SimClock } from "./sim_clock.ts";
import type { SimTableFormat } from "./sim_table_format.ts";
import type { SimWorld } from "./sim_world.ts";

/** Far from the seeds of worlds and of their tables. */
const COMPACTION_SEEDS_FIRST = 3_000_000_019;

const COMPACTORS = 2;

/** By which all hours of a world are over. */
const AHEAD_MS = 30 * 24 * 3_600_000;

/** A table that somebody has. */
export interface KnownSimTable {
  readonly folder: string;
  readonly name: TableName;
}

export interface SimCompactionParts {
  readonly world: SimWorld;
  readonly seed: number;
  readonly format: SimTableFormat;
  /** Where logs lie, and what was joined. */
  readonly store: MemoryDestination;
  /** As those of the tables. */
  readonly days: Clock | undefined;
}

/**
 * Who joins the small objects of a world's tables: two at once, whose answers are lost, who are stopped for long anywhere, and who
 * forget what they knew. What they make lies with the logs.
 */
export class SimCompaction {
  /** Whether nothing fails. */
  isCalm = false;
  readonly #world: SimWorld;
  readonly #format: SimTableFormat;
  readonly #store: MemoryDestination;
  readonly #random: SeededRandom;
  readonly #compactors = new Map<string, Compactor>();
  readonly #turns = new Map<number, Promise<void>>();
  readonly #held: (() => void)[] = [];
  readonly #days: Clock | undefined;

  constructor({ world, seed, format, store, days }: SimCompactionParts) {
    this.#world = world;
    this.#format = format;
    this.#store = store;
    this.#days = days;
    this.#random = new SeededRandom(seed + COMPACTION_SEEDS_FIRST);
  }

  /** Whether nobody is at work. */
  get isIdle(): boolean {
    return this.#turns.size === 0;
  }

  /** One of them begins, or something happens to them, or nothing. */
  moment(tables: readonly KnownSimTable[]): void {
    const random = this.#random;
    for (let i = 0; i < COMPACTORS; i++) {
      if (tables.length === 0 || this.#turns.has(i) || !random.chance(0.15)) continue;
      const table = random.pick(tables);
      const key = `${i} ${table.folder}`;
      if (random.chance(0.3)) this.#compactors.delete(key);
      const compactor = this.#compactors.get(key) ?? this.#open(table);
      this.#compactors.set(key, compactor);
      const over = () => void this.#turns.delete(i);
      const turn = compactor.compact(() => true).then(over, (error: unknown) => {
        over();
        if (!(error instanceof TransientError)) this.#world.fail(error);
      });
      this.#turns.set(i, turn);
    }
    if (random.chance(0.2)) this.#held.shift()?.();
  }

  /** Faults are over, and all that is under way ends. */
  async calm(): Promise<void> {
    this.isCalm = true;
    for (const go of this.#held) go();
    await this.#world.clock.finish(Promise.all(this.#turns.values()));
  }

  /** Joins what can be joined; and somebody who has seen one object less before changes nothing then. */
  async compact(table: KnownSimTable): Promise<void> {
    const { clock } = this.#world;
    const before = await clock.finish(this.#logOf(table).contents());
    const late: CompactableLog = {
      contents: (choose = (files) => files) =>
        Promise.resolve(before && { ...before, files: choose(before.files.slice(1)) }),
    };
    for (const log of [this.#logOf(table), late]) {
      const { faults } = await clock.finish(this.#open(table, log).compact(() => true));
      assert.deepEqual(faults, [], "what cannot be joined");
    }
  }

  /** What was joined to what a table has. */
  async inputsIn(folder: string, paths: ReadonlyMap<string, number>): Promise<string[]> {
    const inputs: string[] = [];
    for (const path of paths.keys()) {
      const id = idOfOutput(path);
      const record = id === undefined ? undefined : await readCompaction(this.#store, folder, id);
      inputs.push(...record?.inputs.map((input) => input.path) ?? []);
    }
    return inputs;
  }

  /** How often a table has each object of the journals, with what was joined taken apart. */
  async expand(
    folder: string,
    paths: ReadonlyMap<string, number>,
  ): Promise<ReadonlyMap<string, number>> {
    const expanded = new Map<string, number>();
    for (const [path, count] of paths) {
      const id = idOfOutput(path);
      const record = id === undefined ? undefined : await readCompaction(this.#store, folder, id);
      const inputs = record?.inputs ?? [{ path }];
      for (const input of inputs) {
        expanded.set(input.path, (expanded.get(input.path) ?? 0) + count);
      }
      if (record === undefined) continue;
      const joined = await this.#store.get(`${folder}/${path}`);
      assert.deepEqual(joined, await this.#joinedNow(folder, record.inputs), `${folder}/${path}`);
    }
    return expanded;
  }

  #open({ folder, name }: KnownSimTable, log = this.#logOf({ folder, name })): Compactor {
    const { logs, journal } = this.#outside();
    const clock = new SimClock(this.#world.clock, { rate: 1, wallAheadMs: AHEAD_MS });
    const join: Join = async (inFolder, inputs, output) => {
      const unfit = await this.#unfitOf(inFolder, inputs);
      if (unfit !== undefined) return unfit;
      const bytes = await this.#joinedNow(inFolder, inputs);
      await logs.putIfAbsent(`${inFolder}/${output}`, bytes);
      return undefined;
    };
    return new Compactor({ records: logs, journal, objects: logs, join, clock }, folder, log);
  }

  #logOf({ folder, name }: KnownSimTable): CompactableLog {
    const [{ logs, journal }, random] = [this.#outside(), this.#random];
    return this.#format.open({
      ...{ logs, folder, name, random, clock: this.#world.clock },
      ...(this.#days === undefined ? {} : { days: this.#days }),
      recordId: async (key, seq) => (await journal.read(key, seq))?.id,
      compactions: { records: logs, objects: logs, journal, random },
    });
  }

  #outside() {
    const outside = new Outside(this.#world.clock, () => this.#random.fraction() * 200);
    outside.plan = (call) => {
      this.#look(call);
      return this.#fault(call);
    };
    const journal = outside.wrap("journal", {
      read: (key: string, seq: number) => this.#world.journal.read(key, seq),
      last: (key: string, hint?: number) => this.#world.journal.last(key, hint),
    });
    return { logs: outside.wrap("logs", this.#store), journal };
  }

  async #joinedNow(
    folder: string,
    inputs: readonly { readonly path: string }[],
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { objects, deleted } = this.#world;
    const parts = inputs.map(async ({ path }) => {
      const key = `${folder}/${path}`;
      return await objects.get(key) ?? deleted.get(key) ?? new Uint8Array(0);
    });
    return concatBytes(await Promise.all(parts));
  }

  /** Not as it should be any more. */
  async #unfitOf(folder: string, inputs: readonly HeldFile[]): Promise<UnfitObject | undefined> {
    for (const { path, bytes } of inputs) {
      const stored = await this.#world.objects.head(`${folder}/${path}`);
      if (stored?.bytes !== bytes) return { path, why: "it is gone, or another one" };
    }
    return undefined;
  }

  /** Nothing is joined that a redo may still look at. */
  #look({ method, args: [key, bytes] }: OutsideCall): void {
    const [, folder] = /^_tributary\/compactions\/(.+)\/[0-9a-f]+\.json$/.exec(String(key)) ?? [];
    if (method !== "putIfAbsent" || folder === undefined) return;
    const { inputs } = JSON.parse(new TextDecoder().decode(bytes as Uint8Array));
    for (const { path } of inputs) {
      const isSettled = isSettledIn(this.#world, `${folder}/${path}`);
      this.#world.check(() =>
        assert(isSettled, `${path} is joined, and no journal says it is there`)
      );
    }
  }

  #fault({ target, method }: OutsideCall): Fault | undefined {
    const random = this.#random;
    if (this.isCalm || target !== "logs" || method === "list") return;
    if (random.chance(0.05)) {
      return { kind: "held", when: "before", until: new Promise((go) => this.#held.push(go)) };
    }
    if (!random.chance(0.05)) return undefined;
    const when = random.chance(0.7) ? "after" : "before";
    return { kind: "error", when, error: new TransientError("The answer is lost") };
  }
}
