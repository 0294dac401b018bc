/** What becomes of a lake that was copied while somebody wrote it, and of a journal that has lost its end. */
import assert from "node:assert/strict";
import { expectedTokens, readLake } from "../support/lake_oracle.ts";
import { LakeWorld, ORDERS } from "../support/lake_world.ts";

const JOURNAL = "_tributary/";

Deno.test("a copy whose journal is older than its data goes on from its journal, and loses nothing", async () => {
  const { copy, foreign } = await copyJournalFirst();
  copy.insert(6);
  await copy.instance().runToEnd();
  const stored = await storedTokens(copy, foreign);
  const start = (await copy.records())[0]!.from;
  assert.deepEqual(stored.sort(), expectedTokens(copy.oplog.entries, ORDERS, start).sort());
});

Deno.test("on such a copy nothing is put over the objects of the original, nor taken for them", async () => {
  const { copy, foreign } = await copyJournalFirst();
  await copy.instance().runToEnd();
  const named = (await copy.records()).flatMap((record) =>
    record.kind === "batch" ? record.objects.map(({ key }) => key) : []
  );
  assert(foreign.size > 0);
  for (const key of named) assert(!foreign.has(key), `${key} is the original's`);
});

Deno.test("a copy whose data is older than its journal gets what is missing by a redo", async () => {
  const original = await busyLake();
  const data = await contents(original);
  original.insert(3);
  const one = original.instance();
  one.outside.plan = ({ method, args }) =>
    method === "putIfAbsent" && !String(args[0]).startsWith(JOURNAL)
      ? { kind: "held", when: "before", until: new Promise(() => {}) }
      : undefined;
  void one.run();
  await original.clock.until(() => one.eventsOf("record-appended").length > 0);
  const journal = await contents(original);
  const copy = await lakeOf([...pick(data, false), ...pick(journal, true)], original);
  await copy.instance().runToEnd();
  const lake = await readLake(copy);
  const start = lake.records[0]!.from;
  assert.deepEqual(
    [...lake.stored].sort(),
    expectedTokens(copy.oplog.entries, ORDERS, start).sort(),
  );
});

/** The journal is copied, the original goes on, then its data is copied. */
async function copyJournalFirst(): Promise<{ copy: LakeWorld; foreign: ReadonlySet<string> }> {
  const original = await busyLake();
  const journal = await contents(original);
  original.insert(9);
  await original.instance().runToEnd();
  const data = await contents(original);
  const copy = await lakeOf([...pick(journal, true), ...pick(data, false)], original);
  const before = new Set(journal.map(([key]) => key));
  const foreign = pick(data, false).map(([key]) => key).filter((key) => !before.has(key));
  return { copy, foreign: new Set(foreign) };
}

async function busyLake(): Promise<LakeWorld> {
  const world = new LakeWorld();
  world.insert(9);
  await world.instance().runToEnd();
  return world;
}

type Contents = readonly (readonly [key: string, bytes: Uint8Array])[];

async function contents(world: LakeWorld): Promise<Contents> {
  const keys = await world.destination.list("", { limit: Number.MAX_SAFE_INTEGER });
  return await Promise.all(
    keys.map(async (key) => [key, (await world.destination.get(key))!] as const),
  );
}

function pick(all: Contents, ofJournal: boolean): Contents {
  return all.filter(([key]) => key.startsWith(JOURNAL) === ofJournal);
}

/** Another lake on the same server. */
async function lakeOf(all: Contents, original: LakeWorld): Promise<LakeWorld> {
  // Another seed: what is random on the copy is not what was random on the original.
  const copy = new LakeWorld(2, original.oplog);
  for (const [key, bytes] of all) await copy.destination.putIfAbsent(key, bytes);
  return copy;
}

/** The tokens of all rows, but for those in `left` out. */
async function storedTokens(world: LakeWorld, left: ReadonlySet<string>): Promise<string[]> {
  const data = pick(await contents(world), false).filter(([key]) => !left.has(key));
  const rows = data.flatMap(([, bytes]) => new TextDecoder().decode(bytes).trim().split("\n"));
  return rows.map((row) => String(JSON.parse(row).resume_token));
}
