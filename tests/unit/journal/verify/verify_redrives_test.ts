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

function verify({ destination, clock }: LakeWorld, changed: Partial<VerifyOptions> = {}) {
  return verifyRedrives({
    ...{ lake: destination, destination, clock, inspect: objectInspector(destination) },
    journal: createObjectJournal(destination),
    ...changed,
  }, STREAM);
}

async function note(world: LakeWorld, key = KEY): Promise<void> {
  const [, record] = await world.records();
  await createObjectRedrives(world.destination).put(STREAM, {
    ...{ seq: 1, number: 0, recordId: record!.id, redrivenAt: "", by: "", encoderVersion: 2 },
    encoding: { format: "jsonl", compression: "none", jsonMode: "relaxed" },
    objects: [{
      ...{ key, database: "shop", collection: "orders", bucket: "", rows: 2, bytes: 3 },
      events: ["a", "b"],
    }],
  });
}

Deno.test("verifyRedrives names objects that are missing or have other rows", async () => {
  const world = await lakeWithLetters(4);
  assert.deepEqual(await verify(world), { redriven: 0, holes: [] });
  await note(world);
  const { redriven, holes } = await verify(world);
  assert.deepEqual([redriven, holes.length], [2, 1]);
  assert.match(
    holes[0]!.what,
    /^db=shop.*: a redrive of dead letters was not finished; give `tributary dead-letters redrive` again$/,
  );
  await world.destination.putIfAbsent(KEY, new TextEncoder().encode("{}\n"));
  const [hole] = (await verify(world)).holes;
  assert.match(hole!.what, /1 rows, 2 were recorded|cannot be read|is no row/);
  assert.deepEqual(await verify(world, { sinceSeconds: 4_000_000_000 }), {
    redriven: 0,
    holes: [],
  });
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
