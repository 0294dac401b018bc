import assert from "node:assert/strict";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { countLake } from "../support/lake.ts";

/** How long a lake may take to hold everything; far more than it needs, for slow machines. */
const COMPLETE_MS_MAX = 240_000;

/** The rows of a folder of Parquet objects; 0 before there is one. */
async function rowsIn(folder: string): Promise<number> {
  try {
    return (await countLake(folder)).rows;
  } catch (error) {
    // DuckDB's words where no file matches yet.
    if (error instanceof Error && /No files found/.test(error.message)) return 0;
    throw error;
  }
}

/** Waits until there are at least so many rows. */
export async function waitForRows(rows: number, count: () => Promise<number>): Promise<void> {
  let seen = 0;
  const reached = await waitUntil(systemClock, COMPLETE_MS_MAX, async () => {
    seen = await count();
    return seen >= rows ? true : undefined;
  });
  assert.ok(reached, `the lake has ${seen} rows after ${COMPLETE_MS_MAX / 1000} s, not ${rows}`);
}

/** The number of all inserts that were acknowledged. */
export function totalOf(inserted: ReadonlyMap<string, number>): number {
  return [...inserted.values()].reduce((sum, rows) => sum + rows, 0);
}

/** Waits until a folder's lake has at least so many rows. */
export async function waitForFolder(folder: string, rows: number): Promise<void> {
  await waitForRows(rows, () => rowsIn(folder));
}

/** Each acknowledged insert is there once, and nothing else. */
export async function assertExactlyOnce(
  folder: string,
  inserted: ReadonlyMap<string, number>,
): Promise<void> {
  const counts = await countLake(folder);
  const expected = [...inserted].map(([name, rows]) => [name, { rows, distinct: rows }] as const);
  assert.deepEqual(
    Object.fromEntries(counts.inserts),
    Object.fromEntries(expected),
    "each acknowledged insert is in the lake once",
  );
  const total = totalOf(inserted);
  assert.equal(counts.rows, total, "there are no other rows");
  assert.equal(counts.distinctTokens, total, "no event is there twice");
}
