import { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { ReplacedObjects } from "../../src/table/retention/replaced_objects.ts";
import type { Clock } from "../../src/support/clock.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { daysClock } from "./sim_clock.ts";
import { assertVerified } from "./lake_rules.ts";
import { SimRetention } from "./sim_retention.ts";
import { SIM_TABLE_FORMATS, type SimTableFormat } from "./sim_table_format.ts";
import { tableLake } from "./sim_table_lake.ts";
import { SimTables } from "./sim_tables.ts";
import type { SimWorld } from "./sim_world.ts";

/** Far from the seeds of worlds, and of what else has to do with tables. */
const LAKE_TABLE_SEEDS_FIRST = 5_000_000_077;

/** Far from the seed of the first format's tables. */
const SECOND_FORMAT_SEEDS = 1_000_003;

/** The moment at which another format is turned on, at the latest. */
const SECOND_MOMENT_MAX = 20;

/** By which all hours of a world are over. */
const AHEAD_MS = 30 * 24 * 3_600_000;

/** The tables of a world; undefined where nobody wants any. */
export function openLakeTables(world: SimWorld, seed: number): SimLakeTables | undefined {
  const format = SIM_TABLE_FORMATS[seed % SIM_TABLE_FORMATS.length];
  return format && new SimLakeTables(world, seed, format);
}

/** All tables of a world: of one format, and in some worlds of the other one as well where what was joined is deleted. */
export class SimLakeTables {
  readonly #world: SimWorld;
  readonly #logs = new MemoryDestination();
  readonly #random: SeededRandom;
  readonly #formats: readonly SimTables[];
  readonly #retention: SimRetention | undefined;
  readonly #seed: number;
  readonly #days: Clock;
  #onCopy: SimRetention | undefined;
  readonly #secondMoment: number;
  readonly #known = new Set<string>();
  #moments = 0;

  constructor(world: SimWorld, seed: number, format: SimTableFormat) {
    this.#world = world;
    const random = this.#random = new SeededRandom(seed + LAKE_TABLE_SEEDS_FIRST);
    const compacts = seed % 2 === 1;
    const [isDeleting, hasBoth] = [compacts && random.chance(0.7), random.chance(0.5)];
    this.#secondMoment = random.below(SECOND_MOMENT_MAX);
    const logs = this.#logs;
    const days = this.#days = daysClock(world.clock, AHEAD_MS);
    this.#seed = seed;
    if (!isDeleting) {
      this.#formats = [new SimTables({ world, seed, format, logs, compacts })];
      return;
    }
    const others = SIM_TABLE_FORMATS.filter((each) => each !== undefined && each !== format);
    const kept = hasBoth ? [format, ...others as SimTableFormat[]] : [format];
    this.#formats = kept.map((each, i) =>
      new SimTables({
        ...{ world, logs, compacts, days, format: each },
        seed: seed + i * SECOND_FORMAT_SEEDS,
      })
    );
    this.#retention = new SimRetention(world, seed, logs, kept, days);
    this.#stand(world, logs);
  }

  /** The same where weeks must pass: while the world recovers. */
  async linger(): Promise<void> {
    if (this.#retention !== undefined) await this.moment();
  }

  /** Something happens to them, or nothing. */
  async moment(): Promise<void> {
    const moment = this.#moments++;
    for (const [i, tables] of this.#formats.entries()) {
      if (i === 0 || moment >= this.#secondMoment) tables.moment();
    }
    if (this.#retention === undefined) return;
    await this.#retention.moment(this.#folders());
    const dropped = this.#random.pick(this.#formats);
    if (this.#random.chance(0.2) && dropped.isIdle) await this.#drop(dropped);
  }

  /** Faults are over; everything is in the tables, each once, and what nobody needs is gone. */
  async assertWhole(): Promise<void> {
    if (this.#retention !== undefined) this.#world.log.add("tables", "tables are calm");
    await this.#retention?.calm();
    for (const tables of this.#formats) await tables.assertWhole();
    if (this.#retention === undefined) return;
    await this.#retention.assertWhole(this.#folders());
    for (const tables of this.#formats) await tables.assertSame();
    if (this.#world.refusals.size === 0) await assertVerified(this.#world);
  }

  /** Somebody copies the lake, and tables and what was joined as the last of it. */
  async copyTo(copy: SimWorld): Promise<void> {
    if (this.#retention === undefined) return;
    const logs = new MemoryDestination();
    for (const key of await this.#logs.list("", { limit: Infinity })) {
      await logs.putIfAbsent(key, (await this.#logs.get(key))!);
    }
    this.#stand(copy, logs);
    const formats = this.#formats.map(({ format }) => format);
    this.#onCopy = new SimRetention(copy, this.#seed, logs, formats, this.#days);
  }

  /** On a copy objects are deleted by what its own journals say. */
  async deleteOnCopy(): Promise<void> {
    await this.#onCopy?.calm();
    await this.#onCopy?.assertWhole(this.#folders());
  }

  async #drop(tables: SimTables): Promise<void> {
    const folders = [...new Set(tables.known.map(({ folder }) => folder))];
    if (folders.length === 0) return;
    const folder = this.#random.pick(folders);
    this.#world.log.add("tables", `the ${tables.format.format} table of ${folder} is dropped`);
    this.#retention!.inspector.dropping(folder);
    await tables.drop(folder);
    this.#retention!.inspector.dropped(tables.format, folder);
  }

  /** By its marks whoever verifies a lake knows what stands for what is gone. */
  #stand(world: SimWorld, logs: MemoryDestination): void {
    const place = tableLake(world, logs);
    world.replaced = new ReplacedObjects({ records: place, objects: place });
  }

  /** Those that have or had a table. */
  #folders(): readonly string[] {
    for (const { known } of this.#formats) {
      for (const { folder } of known) this.#known.add(folder);
    }
    return [...this.#known];
  }
}
