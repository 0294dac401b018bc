import assert from "node:assert/strict";
import type { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { RANGES_FOLDER } from "../../src/journal/journal_keys.ts";
import { TransientError } from "../../src/model/errors.ts";
import type { JournalRecord } from "../../src/model/record.ts";
import { OUTPUT_FOLDER } from "../../src/table/compaction/compaction_record.ts";
import { LakeFollower } from "../../src/table/follow/lake_follower.ts";
import { tablePlace } from "../../src/table/table_folder.ts";
import { hintKey } from "../../src/table/follow/table_hint.ts";
import { type Fault, Outside, type OutsideCall } from "../support/outside.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import type { Clock } from "../../src/support/clock.ts";
import { type KnownSimTable, SimCompaction } from "./sim_compaction.ts";
import { settingsOf } from "./seen_journal.ts";
import type { SimTableFormat } from "./sim_table_format.ts";
import type { SimWorld } from "./sim_world.ts";

/** Far from the seeds of worlds. */
const TABLE_SEEDS_FIRST = 2_000_000_011;

const FOLLOWERS = 2;

/** How long tables that were lost are made anew with faults. */
const MOMENTS_ANEW = 12;
const MOMENT_MS = 500;

/** Where what was joined is deleted, who begins a table is not stopped for so long that this is deleted meanwhile. */
const HELD_MS_MAX = 6000;

/** In the reason of a table that has to end, because settings have changed. */
const WITHOUT_FOLDER = "have no folder of their own";

/** What tables of one format are kept with. */
export interface SimTablesParts {
  readonly world: SimWorld;
  readonly seed: number;
  readonly format: SimTableFormat;
  /** Where logs lie, and what was joined. */
  readonly logs: MemoryDestination;
  /** Whether small objects are joined. */
  readonly compacts: boolean;
  /** By which weeks pass where what was joined is deleted; absent where it stays. */
  readonly days?: Clock;
}

/**
 * Tables of one format over the lake of a world, kept by two at once whose answers are lost, who are stopped for long, and who forget
 * what they knew. Their logs lie in a store of their own, and their chance is their own, so that nothing else of the
 * world is another one for them.
 */
export class SimTables {
  readonly #world: SimWorld;
  readonly #format: SimTableFormat;
  readonly #random: SeededRandom;
  readonly #logs: MemoryDestination;
  readonly #days: Clock | undefined;
  readonly #followers: LakeFollower[] = [];
  readonly #turns = new Map<number, Promise<void>>();
  /** Calls that are stopped, and how they go on. */
  readonly #held: (() => void)[] = [];
  /** Undefined where small objects stay as they are. */
  readonly #compaction: SimCompaction | undefined;
  #isCalm = false;
  /** What the tables must have in the end. */
  #names: ReadonlyMap<string, ReadonlyMap<string, Taken>> = new Map();
  /** Small objects that somebody has deleted. */
  #gone: ReadonlySet<string> = new Set();

  constructor({ world, seed, format, logs, compacts, days }: SimTablesParts) {
    this.#world = world;
    this.#format = format;
    this.#logs = logs;
    this.#days = days;
    this.#random = new SeededRandom(seed + TABLE_SEEDS_FIRST);
    if (compacts) this.#compaction = new SimCompaction({ world, seed, format, store: logs, days });
  }

  get format(): SimTableFormat {
    return this.#format;
  }

  /** Those that somebody knows. */
  get known(): readonly KnownSimTable[] {
    return this.#followers.flatMap((follower) => follower?.tables ?? []);
  }

  /** Something happens to them, or nothing. */
  moment(): void {
    const random = this.#random;
    for (let i = 0; i < FOLLOWERS; i++) {
      if (random.chance(0.1) && !this.#turns.has(i)) delete this.#followers[i];
      if (random.chance(0.4)) this.#turn(i);
    }
    if (random.chance(0.3)) this.#held.shift()?.();
    this.#compaction?.moment(this.known);
  }

  /** Whether nobody is at work on them. */
  get isIdle(): boolean {
    return this.#turns.size === 0 && this.#compaction?.isIdle !== false;
  }

  /** Somebody drops the table of a folder, while nobody is at work on it. */
  async drop(folder: string): Promise<void> {
    for (
      const key of await this.#logs.list(`${folder}/${this.#format.logName}`, { limit: 100_000 })
    ) {
      await this.#logs.remove(key);
    }
    await this.#logs.remove(hintKey(this.#format.format));
    this.#followers.length = 0;
  }

  /** Faults are over; everything is in the tables, each once. */
  async assertWhole(): Promise<void> {
    await this.#calm();
    const last = await this.#followToEnd();
    const faults = last.tables.filter(({ fault }) => fault !== undefined);
    const others = faults.filter(({ fault }) => !fault!.includes(WITHOUT_FOLDER));
    assert.deepEqual(others, [], "tables stop");
    const expected = await this.#expected();
    for (const { folder } of faults) {
      await this.#assertEnded(folder, expected.get(folder) ?? new Map());
      expected.delete(folder);
    }
    const ended = new Set(faults.map(({ folder }) => folder));
    for (const { folder } of last.tables.filter((table) => !ended.has(table.folder))) {
      if (!expected.has(folder)) expected.set(folder, new Map());
    }
    await this.#assertFiles(expected);
    await this.#assertPlaces(expected);
    this.#names = expected;
    if (this.#compaction === undefined) return;
    const names = new Map(last.tables.map(({ folder, name }) => [folder, name]));
    for (const isAnew of [false, true]) {
      if (isAnew) await this.#makeAnew([...expected.keys()]);
      for (const folder of expected.keys()) {
        const name = names.get(folder);
        if (name !== undefined) await this.#compaction.compact({ folder, name });
      }
      await this.#assertFiles(expected);
    }
  }

  /** The tables have what they had. */
  async assertSame(): Promise<void> {
    await this.#assertFiles(this.#names);
  }

  /** What the tables have is what the journals name, each once. */
  async #assertFiles(expected: ReadonlyMap<string, ReadonlyMap<string, Taken>>): Promise<void> {
    for (const [folder, files] of expected) {
      const paths = await this.#pathsIn(folder);
      const counts = [...files.keys()].sort().map((path) => [path, 1]);
      assert.deepEqual([...paths].sort(), counts, `the objects in the table ${folder}`);
    }
  }

  async #pathsIn(folder: string): Promise<ReadonlyMap<string, number>> {
    const paths = await this.#rawPaths(folder);
    return await this.#compaction?.expand(folder, paths) ?? paths;
  }

  async #rawPaths(folder: string): Promise<ReadonlyMap<string, number>> {
    return (await this.#format.read(this.#logs, folder)).paths;
  }

  async #followToEnd(): Promise<LakeFollower> {
    const last = this.#open();
    const { signal } = new AbortController();
    for (let isEnd = false; !isEnd;) {
      isEnd = (await this.#world.clock.finish(last.turn(signal))).isComplete;
    }
    return last;
  }

  /** Somebody loses the logs, and what was joined is all that is left of its parts. */
  async #makeAnew(folders: readonly string[]): Promise<void> {
    const gone = new Set<string>();
    for (const folder of folders) {
      for (const input of await this.#compaction!.inputsIn(folder, await this.#rawPaths(folder))) {
        gone.add(`${folder}/${input}`);
      }
      await this.drop(folder);
    }
    this.#gone = gone;
    await this.#stormily();
    await this.#followToEnd();
    for (const folder of folders) {
      const named = [...(await this.#rawPaths(folder)).keys()].map((path) => `${folder}/${path}`);
      assert.deepEqual(named.filter((key) => gone.has(key)), [], "a table names what is gone");
    }
  }

  /** Two begin tables at once, and are stopped, lose answers and forget. */
  async #stormily(): Promise<void> {
    const { clock } = this.#world;
    this.#isCalm = false;
    this.#compaction!.isCalm = false;
    for (let i = 0; i < MOMENTS_ANEW; i++) {
      this.moment();
      await clock.advance(MOMENT_MS);
    }
    await this.#calm();
  }

  async #calm(): Promise<void> {
    this.#isCalm = true;
    for (const go of this.#held) go();
    await this.#world.clock.finish(Promise.all(this.#turns.values()));
    await this.#compaction?.calm();
  }

  /** Settings have moved its objects to where no table can be: what it had until then it has, each once. */
  async #assertEnded(folder: string, files: ReadonlyMap<string, Taken>): Promise<void> {
    const { journals, ranges: { ranges } } = this.#world.inspector;
    const rules = [...journals, ...ranges].flatMap(([, { records }]) => [...records])
      .flatMap((record) => "settings" in record ? [record.settings.keyRule] : []);
    assert(rules.some((rule) => "refusal" in tablePlace(folder, rule)), `${folder} need not end`);
    for (const [path, count] of await this.#pathsIn(folder)) {
      assert(files.has(path) && count === 1, `${folder} has ${path} ${count} times`);
    }
  }

  /** A table has come to the last record of each stream that gave it something. */
  async #assertPlaces(expected: ReadonlyMap<string, ReadonlyMap<string, Taken>>): Promise<void> {
    for (const [folder, files] of expected) {
      const { txns } = await this.#format.read(this.#logs, folder);
      for (const { stream, seq } of files.values()) {
        const [, place = -1] = [...txns].find(([id]) => id.startsWith(`${stream}@`)) ?? [];
        assert(place >= seq, `${folder} is at ${place} of ${stream}, and has its record ${seq}`);
      }
    }
  }

  #turn(i: number): void {
    if (this.#turns.has(i)) return;
    const follower = this.#followers[i] ??= this.#open();
    const over = () => void this.#turns.delete(i);
    const turn = follower.turn(new AbortController().signal).then(over, (error: unknown) => {
      over();
      if (!(error instanceof TransientError)) this.#world.fail(error);
    });
    this.#turns.set(i, turn);
  }

  #open(): LakeFollower {
    const { clock, random } = { clock: this.#world.clock, random: this.#random };
    const outside = new Outside(clock, () => random.fraction() * 200);
    outside.plan = (call) => this.#fault(call);
    const logs = outside.wrap("logs", this.#logs);
    const journal = outside.wrap("journal", {
      read: async (key: string, seq: number) => asParquet(await this.#world.journal.read(key, seq)),
    });
    const objects = outside.wrap("objects", this.#world.objects);
    const stored = {
      head: (key: string) => {
        if (this.#gone.has(key)) return Promise.resolve(undefined);
        return (key.includes(`/${OUTPUT_FOLDER}`) ? logs : objects).head(key);
      },
    };
    return new LakeFollower({
      lake: { journal, objects },
      streams: async () => [
        ...await this.#world.journal.streams(),
        ...await this.#world.lake.listFolders(RANGES_FOLDER),
      ],
      openLog: (folder, name) =>
        this.#format.open({
          ...{ logs, folder, name, clock, random },
          ...(this.#days === undefined ? {} : { days: this.#days }),
          recordId: async (key, seq) => (await journal.read(key, seq))?.id,
          compactions: { records: logs, objects: stored, journal, random },
        }),
      hint: { store: logs, key: hintKey(this.#format.format) },
    });
  }

  #fault({ target, method }: OutsideCall): Fault | undefined {
    const random = this.#random;
    if (this.#isCalm || target !== "logs" || !/^(putIfAbsent|replace)$/.test(method)) return;
    if (random.chance(0.1)) {
      const until = new Promise<void>((go) => {
        this.#held.push(go);
        if (this.#days !== undefined) this.#world.clock.after(HELD_MS_MAX, go);
      });
      return { kind: "held", when: "before", until };
    }
    const when = random.chance(0.7) ? "after" : "before";
    if (!random.chance(0.2)) return undefined;
    return { kind: "error", when, error: new TransientError("The answer is lost") };
  }

  /** What the journals name, with the places that their settings give it. */
  async #expected(): Promise<Map<string, Map<string, Taken>>> {
    const { inspector, objects } = this.#world;
    const expected = new Map<string, Map<string, Taken>>();
    for (const [stream, journal] of [...inspector.journals, ...inspector.ranges.ranges]) {
      const gone = goneIn(journal.records);
      const through = Math.max(...journal.records.map((record) => record.durableThrough));
      for (const record of journal.records) {
        if (record.kind !== "batch") continue;
        const entries = gone.has(String(record.seq))
          ? []
          : record.objects.filter(({ key }) => !gone.has(key));
        const found = await Promise.all(entries.map(({ key }) => objects.head(key)));
        // What is not there holds up what comes behind it.
        if (record.seq > through && found.includes(undefined)) break;
        for (const { key, collection } of entries) {
          const place = tablePlace(key, settingsOf(journal as never, record).keyRule);
          if (collection === null || !("folder" in place)) continue;
          const files = expected.get(place.folder) ?? new Map<string, Taken>();
          expected.set(place.folder, files.set(place.path, { stream, seq: record.seq }));
        }
      }
    }
    return expected;
  }
}

interface Taken {
  readonly stream: string;
  readonly seq: number;
}

/** The keys of objects that are void, and the seqs of chunks that are empty. */
function goneIn(records: readonly JournalRecord[]): ReadonlySet<string> {
  return new Set(records.flatMap((record) => {
    if (record.kind === "void") return record.objects.map(({ key }) => key);
    return record.kind === "emptied" ? record.chunks.map(String) : [];
  }));
}

/** Worlds have objects that are read line by line; whoever makes tables does not look into them. */
function asParquet(record: JournalRecord | undefined): JournalRecord | undefined {
  if (record?.kind !== "genesis" && record?.kind !== "settings") return record;
  const { settings } = record;
  return {
    ...record,
    settings: { ...settings, encoding: { ...settings.encoding, format: "parquet" } },
  };
}
