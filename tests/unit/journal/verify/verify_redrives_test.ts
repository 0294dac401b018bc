import assert from "node:assert/strict";
import { objectInspector } from "../../../../src/encode/inspect_object.ts";
import { createObjectJournal } from "../../../../src/journal/object_journal.ts";
import { createObjectRedrives } from "../../../../src/journal/letters/object_redrives.ts";
import { verifyRedrives } from "../../../../src/journal/verify/verify_redrives.ts";
import type { VerifyOptions } from "../../../../src/journal/verify/verify_options.ts";
import type { LakeWorld } from "../../../support/lake_world.ts";
import { lakeWithLetters } from "../../../support/letter_lake.ts";

const STREAM = "collection.shop.orders";
const KEY = "db=shop/coll=orders/x-00000000-1-0.redriven.jsonl";

function verify(
  { destination, clock }: LakeWorld,
  changed: Partial<VerifyOptions> = {},
  named?: (key: string) => void,
) {
  return verifyRedrives(
    {
      ...{ lake: destination, destination, clock, inspect: objectInspector(destination) },
      journal: createObjectJournal(destination),
      ...changed,
    },
    STREAM,
    named,
  );
}

/** Notes a redrive of the dead letters of record 1. */
async function note(
  world: LakeWorld,
  change: { events?: readonly string[]; number?: number; recordId?: string } = {},
): Promise<void> {
  const [, record] = await world.records();
  const { events = await letters(world), number = 0, recordId = record!.id } = change;
  await createObjectRedrives(world.destination).put(STREAM, {
    ...{ seq: 1, number, recordId, redrivenAt: "", by: "", encoderVersion: 2 },
    encoding: { format: "jsonl", compression: "none", jsonMode: "relaxed" },
    objects: [{
      ...{ key: KEY, database: "shop", collection: "orders", bucket: "", rows: 2, bytes: 3 },
      events,
    }],
  });
}

async function letters(world: LakeWorld): Promise<string[]> {
  const [, record] = await world.records();
  assert(record?.kind === "batch");
  return record.deadLetters.flatMap(({ events }) => events.map(({ data }) => data));
}

const NOTHING = { redriven: 0, redrivenObjects: 0, holes: [] };

Deno.test("verifyRedrives names objects that are missing or have other rows", async () => {
  const world = await lakeWithLetters(4);
  assert.deepEqual(await verify(world), NOTHING);
  await note(world);
  const { redriven, holes } = await verify(world);
  assert.deepEqual([redriven, holes.length], [0, 1]);
  assert.match(
    holes[0]!.what,
    /^db=shop.*: a redrive of dead letters was not finished; give `tributary dead-letters redrive` again$/,
  );
  await world.destination.putIfAbsent(KEY, new TextEncoder().encode("{}\n"));
  const [hole] = (await verify(world)).holes;
  assert.match(hole!.what, /1 rows, 2 were recorded|cannot be read|is no row/);
  assert.deepEqual(await verify(world, { sinceSeconds: 4_000_000_000 }), NOTHING);
});

Deno.test("verifyRedrives tells which keys are named, and takes a note of another journal for none", async () => {
  const world = await lakeWithLetters(4);
  await note(world);
  const keys: string[] = [];
  const count = await verify(world, { depth: "named" }, (key) => keys.push(key));
  assert.deepEqual(count, { redriven: 2, redrivenObjects: 1, holes: [] });
  assert.deepEqual(keys, [KEY]);
  const other = await lakeWithLetters(4);
  await note(other, { recordId: "5f0c2a91-0000-4000-8000-000000000000" });
  assert.deepEqual(await verify(other, {}, (key) => keys.push(key)), NOTHING);
  assert.deepEqual(keys, [KEY]);
});

Deno.test("verifyRedrives names rows that are there twice", async () => {
  const world = await lakeWithLetters(4);
  const [first] = await letters(world);
  await note(world, { events: [first!, "82"] });
  await note(world, { events: [first!], number: 1 });
  const { holes } = await verify(world, { depth: "named" });
  assert.deepEqual(holes.map(({ what }) => what), [
    `${KEY}: 1 of its rows is no dead letter, or there twice`,
    `${KEY}: 1 of its rows is no dead letter, or there twice`,
  ]);
});

Deno.test("verifyRedrives names a note before others that is missing, for redrives stop looking there", async () => {
  const world = await lakeWithLetters(4);
  await note(world, { number: 1 });
  const { holes } = await verify(world, { depth: "named" });
  assert.deepEqual(holes, [
    { seq: 1, what: "of its notes of redrives up to number 1 not all are there" },
  ]);
});

Deno.test("verifyRedrives names a note that cannot be read, and leaves strange files alone", async () => {
  const world = await lakeWithLetters(4);
  const folder = `_tributary/redriven/${STREAM}/`;
  await world.destination.putIfAbsent(`${folder}notes.txt`, new Uint8Array(1));
  await world.destination.putIfAbsent(`${folder}0000000000000001-0000.json`, new Uint8Array(1));
  const { holes } = await verify(world);
  assert.equal(holes.length, 1);
  assert.match(holes[0]!.what, /^Cannot read the redrive of dead letters/);
});
