import assert from "node:assert/strict";
import { listCompactions, outputPath } from "../../../../src/table/compaction/compaction_record.ts";
import { deleteJoined } from "../../../../src/table/retention/delete_joined.ts";
import {
  ReplacedObjects,
  type ReplacedParts,
} from "../../../../src/table/retention/replaced_objects.ts";
import type { LakeWorld } from "../../../support/lake_world.ts";
import { FOLDER } from "../../../support/table_world.ts";
import { joinedWorld, partsOf, pass, RETENTION_MS } from "./joined_world.ts";

const always = () => true;

/** What the journal names. */
async function missingOf(world: LakeWorld) {
  const records = await world.records();
  return records.flatMap((record) => record.kind === "batch" ? record.objects : []);
}

function replacedIn({ destination }: LakeWorld, inspect?: ReplacedParts["inspect"]) {
  const parts = { records: destination, objects: destination };
  return new ReplacedObjects(inspect === undefined ? parts : { ...parts, inspect });
}

async function deletedWorld(): Promise<LakeWorld> {
  const world = await joinedWorld();
  await deleteJoined(partsOf(world), FOLDER, always);
  await pass(world, RETENTION_MS);
  assert.equal((await deleteJoined(partsOf(world), FOLDER, always)).objects, 4);
  return world;
}

Deno.test("an object counts as replaced from the mark on, also for who has looked before", async () => {
  const world = await joinedWorld();
  const [missing] = await missingOf(world);
  const replaced = replacedIn(world);
  assert.equal(await replaced.look(missing!), undefined);
  await deleteJoined(partsOf(world), FOLDER, always);
  await pass(world, RETENTION_MS);
  await deleteJoined(partsOf(world), FOLDER, always);
  for (const each of await missingOf(world)) assert.equal(await replaced.look(each), "replaced");
  assert.equal(await replaced.look({ key: missing!.key, rows: missing!.rows + 1 }), undefined);
  assert.equal(await replaced.look({ key: `${FOLDER}/a/b.parquet`, rows: 1 }), undefined);
  assert.equal(await replaced.look({ key: "db=x/coll=y/b.parquet", rows: 1 }), undefined);
});

Deno.test("an output that is gone, another one, or of which the content is damaged replaces nothing", async () => {
  const cases = [
    [/is gone/, () => undefined, undefined],
    [/bytes, and had/, (bytes: Uint8Array) => bytes.subarray(1), undefined],
    [/has the checksum/, (bytes: Uint8Array) => bytes.map((b) => b ^ 1), undefined],
    [/cannot be read \(broken\)/, (bytes: Uint8Array) => bytes, { fault: "broken" }],
    [/has 3 rows and not 14/, (bytes: Uint8Array) => bytes, { rows: 3 }],
    [/has the checksum/, (bytes: Uint8Array) => bytes, { rows: 14, crc32: "00000000" }],
  ] as const;
  for (const [why, change, inspection] of cases) {
    const world = await deletedWorld();
    const { destination } = world;
    const [id] = await listCompactions(destination, FOLDER);
    const key = `${FOLDER}/${outputPath(id!)}`;
    const bytes = change((await destination.get(key))!);
    if (bytes === undefined) await destination.remove(key);
    else await destination.replace(key, bytes);
    const inspect = inspection && (() => Promise.resolve(inspection));
    const [missing] = await missingOf(world);
    const found = await replacedIn(world, inspect).look(missing!);
    assert.match((found as { fault: string }).fault, why);
  }
});

Deno.test("a mark or a record that cannot be read replaces nothing", async () => {
  for (const [suffix, why] of [["", undefined], [".deleting", /the mark .* cannot be read/]]) {
    const world = await deletedWorld();
    const [id] = await listCompactions(world.destination, FOLDER);
    const key = `_tributary/compactions/${FOLDER}/${id}${suffix}.json`;
    await world.destination.replace(key, new Uint8Array([1]));
    const [missing] = await missingOf(world);
    const found = await replacedIn(world).look(missing!);
    if (why === undefined) assert.equal(found, undefined);
    else assert.match((found as { fault: string }).fault, why as RegExp);
  }
});
