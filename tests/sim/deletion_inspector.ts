import assert from "node:assert/strict";
import type { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { readObjectName } from "../../src/model/keys/object_name.ts";
import { concatBytes } from "../../src/support/bytes/concat_bytes.ts";
import { crc32Hex } from "../../src/support/bytes/crc32.ts";
import {
  type CompactionRecord,
  outputPath,
  readCompaction,
} from "../../src/table/compaction/compaction_record.ts";
import { durableThrough } from "../../src/table/follow/table_steps.ts";
import { listDeletions, readDeletionMark } from "../../src/table/retention/deletion_mark.ts";
import { worldMsOfDays } from "./sim_clock.ts";
import type { SimTableFormat } from "./sim_table_format.ts";
import type { SimWorld } from "./sim_world.ts";

/** The least that `TABLE_RETENTION` can be. */
export const DAYS_LEAST = 7;

/** Somebody looks at tables so often, at least. */
const LOOK_MS_MAX = 4000;

/** Somebody who has opened a table, and reads what it named then. */
interface Reader {
  readonly openedMs: number;
  readonly folder: string;
  readonly paths: ReadonlySet<string>;
}

/**
 * Looks at each object at the moment at which somebody deletes it, and throws at the first that should stay. Knows what tables name by readers
 * that know nothing of writers: each reads for a week what it has found.
 */
export class DeletionInspector {
  readonly #world: SimWorld;
  readonly #tables: MemoryDestination;
  readonly #formats: readonly SimTableFormat[];
  #readers: Reader[] = [];
  /** Since when there is a table, at the latest, by format and folder. */
  readonly #born = new Map<string, number>();
  readonly #dropped = new Set<string>();
  /** What is found by it may be there for long, as on a copy. */
  #isFirstLook = true;

  constructor(world: SimWorld, tables: MemoryDestination, formats: readonly SimTableFormat[]) {
    this.#world = world;
    this.#tables = tables;
    this.#formats = formats;
  }

  /** Somebody opens all tables, and whoever has opened them within a week finds what they named. */
  async read(folders: readonly string[]): Promise<void> {
    const nowMs = this.#nowMs();
    this.#readers = this.#readers.filter(({ openedMs }) => nowMs - openedMs < LEAST_MS);
    for (const folder of folders) {
      for (const { format, read } of this.#formats) {
        const { paths, version } = await read(this.#tables, folder);
        if (paths.size === 0 && version <= 0) continue;
        this.#readers.push({ openedMs: nowMs, folder, paths: new Set(paths.keys()) });
        const table = `${format} ${folder}`;
        if (!this.#born.has(table)) this.#born.set(table, this.#isFirstLook ? -Infinity : nowMs);
      }
    }
    this.#isFirstLook = false;
    for (const { folder, paths } of this.#readers) {
      for (const path of paths) {
        const gone = this.#world.deleted.has(`${folder}/${path}`);
        this.#world.check(() => assert(!gone, `a table names "${folder}/${path}", which is gone`));
      }
    }
  }

  /** Somebody begins to drop a table of this folder. */
  dropping(folder: string): void {
    this.#dropped.add(folder);
  }

  /** Somebody has dropped a table. */
  dropped({ format }: SimTableFormat, folder: string): void {
    this.#born.delete(`${format} ${folder}`);
  }

  /** Whether a table was dropped of the folder that these words name: it may have vanished while it was read. */
  hasLostTable(words: string): boolean {
    return [...this.#dropped].some((folder) => words.includes(`"${folder}/"`));
  }

  /** Deletes an object of the lake. `beganMs`: when whoever does it has begun to look at tables. */
  async remove(key: string, beganMs: number): Promise<void> {
    const { objects, deleted } = this.#world;
    const bytes = await objects.get(key);
    if (bytes === undefined) return;
    try {
      await this.#assertMayGo(key, beganMs);
    } catch (error) {
      this.#world.fail(error);
    }
    this.#world.log.add("tables", `${key} is deleted`);
    deleted.set(key, bytes);
    await objects.remove(key);
  }

  /** Asserts that all is gone that no table has needed for long, and what stands for it is there. */
  async assertGone(folders: readonly string[]): Promise<void> {
    for (const folder of folders) {
      const { compactions, begun, done } = await listDeletions(this.#tables, folder);
      const records = new Map<string, CompactionRecord>();
      for (const id of compactions) records.set(id, await this.#compaction(folder, id));
      const named = await this.#named(folder);
      const isWhole = (id: string) => named.length > 0 && named.every((p) => p.has(outputPath(id)));
      const shared = [...records].filter(([id]) => !isWhole(id) && !done.has(id))
        .flatMap(([, { inputs }]) => inputs.map(({ path }) => path));
      const needed = new Set([...shared, ...await this.#kept(folder)]);
      for (const [id, { inputs }] of records) {
        const keys = inputs.map(({ path }) => `${folder}/${path}`);
        if (begun.has(id)) await this.#assertStands(folder, id);
        const mayStay = !isWhole(id) || inputs.some(({ path }) => needed.has(path)) ||
          keys.some((key) => !this.#isSettledAtEnd(key));
        if (mayStay) continue;
        const there = keys.filter((key) => !this.#world.deleted.has(key));
        assert.deepEqual(there, [], `${folder} ${id}: objects stay`);
      }
    }
  }

  async #assertMayGo(key: string, beganMs: number): Promise<void> {
    assert(this.#world.inspector.namedBy(key) !== undefined, `${key} is no object of a journal`);
    const nowMs = this.#nowMs();
    const [folder, path] = await this.#placeOf(key);
    assert(
      isSettledIn(this.#world, key),
      `${key} is deleted, and no journal says that it is settled`,
    );
    for (const { openedMs, folder: of, paths } of this.#readers) {
      if (of !== folder || nowMs - openedMs >= LEAST_MS) continue;
      assert(!paths.has(path), `${key} is deleted under somebody who reads a table`);
    }
    for (const paths of [...await this.#named(folder), await this.#kept(folder)]) {
      assert(!paths.has(path), `${key} is deleted, and a table names it`);
    }
    for (const [table, bornMs] of this.#born) {
      if (!table.endsWith(` ${folder}`) || bornMs > beganMs) continue;
      const isOld = nowMs - bornMs >= LEAST_MS - LOOK_MS_MAX;
      assert(isOld, `${key} is deleted, and the table of ${table} is new`);
    }
  }

  /** The folder and the path of an object that a compaction with a mark has joined. */
  async #placeOf(key: string): Promise<readonly [string, string]> {
    const parts = key.split("/");
    for (let count = 1; count < parts.length; count++) {
      const folder = parts.slice(0, count).join("/");
      const path = parts.slice(count).join("/");
      const { begun } = await listDeletions(this.#tables, folder);
      for (const id of begun) {
        const { inputs } = await this.#compaction(folder, id);
        if (!inputs.some((input) => input.path === path)) continue;
        await this.#assertStands(folder, id);
        return [folder, path];
      }
    }
    assert.fail(`${key} is deleted, and nothing is marked that has joined it`);
  }

  /** An output has all that was joined to it, and the mark says so. */
  async #assertStands(folder: string, id: string): Promise<void> {
    const { objects, deleted } = this.#world;
    const { inputs } = await this.#compaction(folder, id);
    const parts = await Promise.all(inputs.map(async ({ path }) => {
      const key = `${folder}/${path}`;
      return await objects.get(key) ?? deleted.get(key) ?? assert.fail(`${key} was never there`);
    }));
    const mark = await readDeletionMark(this.#tables, folder, id);
    const output = await this.#tables.get(`${folder}/${outputPath(id)}`);
    assert.deepEqual(output, concatBytes(parts), `the rows of ${folder} ${id}`);
    assert.deepEqual(mark?.output, { bytes: output!.length, crc32: crc32Hex(output!) });
  }

  async #compaction(folder: string, id: string): Promise<CompactionRecord> {
    return await readCompaction(this.#tables, folder, id) ?? assert.fail(`${id} has no record`);
  }

  /** What the tables of a folder name. */
  async #named(folder: string): Promise<ReadonlySet<string>[]> {
    const named = [];
    for (const { read } of this.#formats) {
      const { paths } = await read(this.#tables, folder);
      if (paths.size > 0) named.push(new Set(paths.keys()));
    }
    return named;
  }

  async #kept(folder: string): Promise<ReadonlySet<string>> {
    const kept = await Promise.all(this.#formats.map((each) => each.kept(this.#tables, folder)));
    return new Set(kept.flatMap((paths) => [...paths]));
  }

  #isSettledAtEnd(key: string): boolean {
    const { streamKey, seq } = readObjectName(key)!;
    if (this.#world.inspector.namedBy(key) === undefined) return false;
    const last = this.#world.inspector.recordsOf(streamKey)?.at(-1);
    return last !== undefined && durableThrough([last]) >= seq;
  }

  #nowMs(): number {
    return this.#world.clock.monotonicMs();
  }
}

const LEAST_MS = worldMsOfDays(DAYS_LEAST);

/** Whether a journal has said that all objects of the record are there that names this one, in a record that redoes do not write. */
export function isSettledIn({ inspector }: SimWorld, key: string): boolean {
  const name = readObjectName(key);
  const records = name && inspector.recordsOf(name.streamKey);
  return records !== undefined && durableThrough(records) >= name!.seq;
}
