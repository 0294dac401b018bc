import assert from "node:assert/strict";
import { DeletionCycle } from "../../src/app/tables/deletion_cycle.ts";
import { deletionParts } from "../../src/app/tables/deletion_parts.ts";
import type { MemoryDestination } from "../../src/destination/memory_destination.ts";
import type { OpenDestination } from "../../src/destination/open_destination.ts";
import { PermanentError, TransientError } from "../../src/model/errors.ts";
import { concatBytes } from "../../src/support/bytes/concat_bytes.ts";
import { crc32Hex } from "../../src/support/bytes/crc32.ts";
import type { Clock } from "../../src/support/clock.ts";
import { silentLog } from "../../src/support/log.ts";
import type { DeletionParts } from "../../src/table/retention/delete_joined.ts";
import { type Fault, Outside } from "../support/outside.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { worldMsOfDays } from "./sim_clock.ts";
import { DAYS_LEAST, DeletionInspector } from "./deletion_inspector.ts";
import type { SimTableFormat } from "./sim_table_format.ts";
import { tableLake } from "./sim_table_lake.ts";
import type { SimWorld } from "./sim_world.ts";

/** Far from the seeds of worlds, of their tables and of what joins these. */
const RETENTION_SEEDS_FIRST = 4_000_000_063;

const COPIES = 2;

/** How often a call fails, of those of one copy. */
const FAULTS = [0, 0.005, 0.02, 0.05] as const;

/** Short, for tables are read call by call, and what is deleted again and again is what is looked for. */
const CALL_MS_MAX = 20;

const DAY_MS = 24 * 3_600_000;

/** Why objects may stay while everything happens at once, also to tables that are just read. */
const WHY_NOT =
  /The answer is lost|is gone|cannot be read|does not name|names ".*" as well|a state of before|another compaction as well|just become others|is not settled|is not what was joined/;

/**
 * Why they may stay for ever: a table that gets nothing new keeps its states of before; and the journals of a copy may lack what named
 * them.
 */
const WHY_STAYS =
  /a state of before|another compaction as well|is not settled|record \d+ of .* does not name/;

/** Whoever keeps tables, as the program does it; some have no `TABLE_RETENTION`. */
interface Copy {
  readonly cycle: DeletionCycle | undefined;
  readonly outside: Outside;
  beganMs: number;
  turn: Promise<void> | undefined;
}

/**
 * Deletes what was joined in a world, as the program does: two copies at once that lose answers, are stopped for long and die, each
 * at any call. The lake loses the objects; whatever is deleted is looked at in that moment.
 */
export class SimRetention {
  readonly inspector: DeletionInspector;
  readonly #world: SimWorld;
  readonly #random: SeededRandom;
  readonly #tables: MemoryDestination;
  readonly #days: Clock;
  readonly #copies: (Copy | undefined)[] = [];
  readonly #held: (() => void)[] = [];
  readonly #reasons: string[] = [];
  #isCalm = false;

  constructor(
    world: SimWorld,
    seed: number,
    tables: MemoryDestination,
    formats: readonly SimTableFormat[],
    days: Clock,
  ) {
    this.#world = world;
    this.#random = new SeededRandom(seed + RETENTION_SEEDS_FIRST);
    this.#tables = tables;
    this.#days = days;
    this.inspector = new DeletionInspector(world, tables, formats);
  }

  /** Something happens to those who delete, or nothing. */
  async moment(folders: readonly string[]): Promise<void> {
    const random = this.#random;
    await this.inspector.read(folders);
    for (let i = 0; i < COPIES; i++) {
      if (random.chance(0.05) || this.#copies[i]?.outside.isKilled) this.#end(i);
      if (random.chance(0.5)) this.#go(i, folders);
    }
    if (random.chance(0.2)) this.#held.shift()?.();
  }

  /** Faults are over, and all that is under way ends. */
  async calm(): Promise<void> {
    this.#isCalm = true;
    for (const go of this.#held) go();
    const turns = this.#copies.flatMap((copy) => copy?.outside.isKilled ? [] : copy?.turn ?? []);
    await this.#world.clock.finish(Promise.all(turns));
  }

  /** Deletes what is due, and asserts that all of it is gone and nothing else is. */
  async assertWhole(folders: readonly string[]): Promise<void> {
    const { clock } = this.#world;
    this.#reasons.length = 0;
    const copy = this.#open(DAYS_LEAST);
    for (let pass = 0; pass < 3; pass++) {
      await this.inspector.read(folders);
      copy.beganMs = clock.monotonicMs();
      await clock.finish(copy.cycle!.go(folders.map((folder) => ({ folder })), () => true));
      await clock.advance(worldMsOfDays(DAYS_LEAST + 1));
    }
    const strange = this.#reasons.filter((reason) => !WHY_STAYS.test(reason));
    assert.deepEqual(strange, [], "what was joined is not deleted");
    await this.inspector.assertGone(folders);
  }

  /** As a program that ends, or dies: what it has begun it goes on with only where it was stopped. */
  #end(i: number): void {
    const copy = this.#copies[i];
    if (copy?.turn !== undefined && this.#random.chance(0.5)) copy.outside.kill();
    delete this.#copies[i];
  }

  #go(i: number, folders: readonly string[]): void {
    const random = this.#random;
    const days = random.chance(0.2) ? undefined : random.pick([DAYS_LEAST, 2 * DAYS_LEAST]);
    const copy = this.#copies[i] ??= this.#open(days);
    if (copy.cycle === undefined || copy.turn !== undefined) return;
    copy.beganMs = this.#world.clock.monotonicMs();
    copy.turn = copy.cycle.go(folders.map((folder) => ({ folder })), () => random.chance(0.9))
      .catch((error: unknown) => this.#world.fail(error))
      .finally(() => copy.turn = undefined);
  }

  #open(days: number | undefined): Copy {
    const random = this.#random;
    const outside = new Outside(this.#world.clock, () => random.fraction() * CALL_MS_MAX);
    // What takes many calls would never come to its end where each of them fails often.
    const faults = random.pick(FAULTS);
    outside.plan = () => this.#fault(faults);
    const copy: Copy = {
      ...{ outside, beganMs: 0, turn: undefined },
      cycle: days === undefined ? undefined : new DeletionCycle({
        deletion: this.#parts(outside, days, () => copy.beganMs),
        clock: this.#days,
        log: { ...silentLog, warn: (_, fields) => this.#said(String(fields?.["reason"])) },
      }),
    };
    return copy;
  }

  #parts(outside: Outside, days: number, beganMs: () => number): DeletionParts {
    const remove = (key: string) => this.inspector.remove(key, beganMs());
    const place = outside.wrap("lake", tableLake(this.#world, this.#tables, remove));
    const tools = { clock: this.#days, random: this.#random, log: silentLog, hostName: "sim" };
    const places = { lake: place, destination: place };
    const parts = { config: { tableWriters: "ours" as const }, tools, places };
    return { ...deletionParts(parts, days * DAY_MS), compare: comparing(place) };
  }

  #said(reason: string): void {
    this.#reasons.push(reason);
    const isDropped = /log lacks the entry/.test(reason) && this.inspector.hasLostTable(reason);
    if (isDropped || WHY_NOT.test(reason)) return;
    this.#world.fail(new Error(`Nothing is deleted: ${reason}`));
  }

  #fault(chance: number): Fault | undefined {
    const random = this.#random;
    if (this.#isCalm || !random.chance(chance)) return undefined;
    const when = random.chance(0.6) ? "after" : "before";
    switch (random.pick(["error", "crash", "held"] as const)) {
      case "error":
        return { kind: "error", when, error: new TransientError("The answer is lost") };
      case "crash":
        return { kind: "crash", when };
      case "held":
        return { kind: "held", when, until: new Promise((go) => this.#held.push(go)) };
    }
  }
}

/** Objects of worlds are joined by putting one behind the other. */
function comparing(place: Pick<OpenDestination, "get">): DeletionParts["compare"] {
  return async (folder, inputs, { path }) => {
    const parts = await Promise.all(inputs.map((input) => place.get(`${folder}/${input.path}`)));
    const joined = concatBytes(parts.map((part) => part ?? new Uint8Array(0)));
    const output = await place.get(`${folder}/${path}`);
    const crc32 = crc32Hex(joined);
    if (output !== undefined && crc32Hex(output) === crc32) return crc32;
    throw new PermanentError(`The object "${folder}/${path}" is not what was joined to it`);
  };
}
