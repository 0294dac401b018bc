import assert from "node:assert/strict";
import { LongNames } from "../../../../src/app/tables/long_names.ts";
import { hintKey, writeHint } from "../../../../src/table/follow/table_hint.ts";
import { LakeWorld } from "../../../support/lake_world.ts";
import { write } from "../../../support/table_world.ts";

const COLLECTION = "orders_of_".repeat(15);
const FOLDER = /^db=shop\/coll=[^/]*~[^/]*/;

function scene() {
  const world = new LakeWorld();
  const { destination } = world;
  const names = new LongNames({ lake: destination, destination });
  const { signal } = new AbortController();
  return { world, nameOf: (folder: string) => names.nameOf(folder, signal) };
}

Deno.test("a name that its folder says in part is known by the journals, also of a stream of the database", async () => {
  for (const isDatabase of [false, true]) {
    const { world, nameOf } = scene();
    const name = { database: "shop", collection: COLLECTION };
    if (isDatabase) world.insert(3, COLLECTION);
    await write(world, isDatabase ? 0 : 3, {
      stream: isDatabase
        ? { level: "database", database: "shop" }
        : { level: "collection", ...name },
    });
    const [key = ""] = await world.destination.list("db=", { limit: 1 });
    const [folder = ""] = FOLDER.exec(key) ?? [];
    assert.deepEqual(await nameOf(folder), name);
    assert.equal(await nameOf(`${folder}0`), undefined);
    // It is remembered.
    for (const each of await world.destination.list("_tributary", { limit: 1000 })) {
      await world.destination.remove(each);
    }
    assert.deepEqual(await nameOf(folder), name);
  }
});

Deno.test("what a hint says is not looked for in journals, nor is a name that is whole", async () => {
  const { world, nameOf } = scene();
  const table = { database: "shop", collection: "x", streams: [] };
  const hint = { streams: {}, tables: { "db=shop/coll=x~1": table } };
  await writeHint({ store: world.destination, key: hintKey("delta") }, hint);
  assert.deepEqual(await nameOf("db=shop/coll=x~1"), { database: "shop", collection: "x" });
  assert.equal(await nameOf("db=shop/coll=orders"), undefined);
});
