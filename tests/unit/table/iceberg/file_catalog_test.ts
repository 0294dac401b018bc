import assert from "node:assert/strict";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import type { LoadedTable } from "../../../../src/table/iceberg/catalog.ts";
import { FileCatalog, type FileCatalogParts } from "../../../../src/table/iceberg/file_catalog.ts";
import { versionKey, versionsOf } from "../../../../src/table/iceberg/versions.ts";
import { metadataFolder } from "../../../../src/table/iceberg/files.ts";
import { sleep } from "../../../../src/support/clock.ts";
import { newProperties, TABLE_SCHEMA } from "../../../../src/table/iceberg/properties.ts";
import { icebergStore } from "../../../support/iceberg_world.ts";
import { SeededRandom } from "../../../support/seeded_random.ts";
import { FOLDER } from "../../../support/table_world.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const NAME = { database: "shop", collection: "orders" };
const HINT = `${metadataFolder(FOLDER)}version-hint.text`;

function scene() {
  const destination = new MemoryDestination();
  const clock = new VirtualClock();
  const open = (parts: Partial<FileCatalogParts> = {}) =>
    new FileCatalog({
      ...{ store: icebergStore(destination), folder: FOLDER, clock },
      random: new SeededRandom(1),
      failedBeside: (error) => assert.fail(String(error)),
      ...parts,
    });
  const textOf = async (key: string) => new TextDecoder().decode(await destination.get(key));
  return { destination, clock, open, textOf };
}

const TABLE = {
  location: `memory:/${FOLDER}`,
  schema: TABLE_SCHEMA,
  properties: newProperties(NAME),
};

/** One more change. */
async function change(catalog: FileCatalog) {
  const table = await catalog.load(NAME) ?? assert.fail("there is no table");
  const updates = [{ action: "set-properties", updates: { n: "1" } }];
  return await catalog.commit(table, { requirements: [], updates });
}

function numberOf(table: LoadedTable | undefined): number {
  return Number(/v(\d+)\.metadata/.exec(table?.metadataUrl ?? "")?.[1]);
}

Deno.test("the newest metadata is found by a hint that is right, far behind, of nothing or absent", async () => {
  const { destination, clock, open, textOf } = scene();
  const catalog = open();
  await catalog.create(NAME, TABLE);
  for (let n = 2; n <= 40; n++) await change(catalog);
  assert.equal(await textOf(HINT), "40");
  for (const hint of ["40", "38", "2", "77", "x", ""]) {
    await destination.replace(HINT, new TextEncoder().encode(hint));
    assert.equal(numberOf(await clock.finish(open().load(NAME))), 40, hint);
    // Readers go by it, so whoever finds it wrong mends it.
    assert.equal(await textOf(HINT), "40", hint);
  }
  await destination.remove(HINT);
  assert.equal(numberOf(await clock.finish(open().load(NAME))), 40);
  assert.deepEqual((await versionsOf(icebergStore(destination), FOLDER)).slice(8, 11), [9, 10, 11]);
});

Deno.test("a writer that is slow to say which metadata is the newest does not take it back", async () => {
  const { destination, clock, open, textOf } = scene();
  await open().create(NAME, TABLE);
  const store = icebergStore(destination);
  const other = open();
  let isFirst = true;
  const slow = open({
    store: {
      ...store,
      async replace(key, bytes) {
        if (isFirst) {
          isFirst = false;
          await change(other);
        }
        await store.replace(key, bytes);
      },
    },
  });
  assert.equal(numberOf(await clock.finish(change(slow)) as LoadedTable), 2);
  assert.equal(await textOf(HINT), "3");
});

Deno.test("a hint that is on its way is not in front of a newer one, though nobody looks behind it", async () => {
  const { destination, clock, open, textOf } = scene();
  const store = icebergStore(destination);
  const gets: string[] = [];
  const writer = open({
    store: {
      ...store,
      get: (key) => (gets.push(key), store.get(key)),
      async replace(key, bytes) {
        await sleep(clock, 900);
        await store.replace(key, bytes);
      },
    },
  });
  await clock.finish(writer.create(NAME, TABLE));
  const other = open();
  await other.load(NAME);
  gets.length = 0;
  // In time it has only looked whether the table is still the one that it knows.
  const both = [change(writer)];
  await clock.advance(100);
  assert.deepEqual(gets, [versionKey(FOLDER, 1)]);
  both.push(change(other), change(open()));
  const outcomes = await clock.finish(Promise.all(both));
  const made = outcomes.filter((outcome) => typeof outcome !== "string").map(numberOf);
  assert.equal(await textOf(HINT), String(Math.max(...made)));
  assert.ok(made.length > 1);
});

Deno.test("where the answer of a change was lost, the hint is behind it all the same", async () => {
  const { destination, clock, open, textOf } = scene();
  const store = icebergStore(destination);
  let isLost = false;
  const catalog = open({
    store: {
      ...store,
      async putIfAbsent(key, bytes) {
        const outcome = await store.putIfAbsent(key, bytes);
        return isLost ? "exists" : outcome;
      },
    },
  });
  await catalog.create(NAME, TABLE);
  isLost = true;
  assert.equal(await change(catalog), "conflict");
  assert.equal(numberOf(await clock.finish(catalog.load(NAME))), 2);
  assert.equal(await textOf(HINT), "2");
});

Deno.test("what was put after a long pause is looked for, also where it is the first", async () => {
  for (const isNew of [true, false]) {
    const { destination, clock, open } = scene();
    if (!isNew) await open().create(NAME, TABLE);
    const store = icebergStore(destination);
    const paused = open({
      store: {
        ...store,
        async putIfAbsent(key, bytes) {
          await clock.advance(2 * 3_600_000);
          return await store.putIfAbsent(key, bytes);
        },
      },
    });
    await paused.load(NAME);
    const made = isNew ? await paused.create(NAME, TABLE) : await change(paused);
    assert.equal(made, "unknown");
  }
});

Deno.test("a hint that cannot be written is told beside the change that was made", async () => {
  const { destination, open } = scene();
  const told: unknown[] = [];
  const store = { ...icebergStore(destination), replace: () => Promise.reject(new Error("no")) };
  const catalog = open({ store, failedBeside: (error) => void told.push(error) });
  assert.equal(numberOf(await catalog.create(NAME, TABLE) as LoadedTable), 1);
  assert.match(String(told), /no/);
});

Deno.test("metadata that cannot be read, or is of two tables, is a fault", async () => {
  const { destination, open } = scene();
  await open().create(NAME, TABLE);
  await destination.replace(versionKey(FOLDER, 1), new TextEncoder().encode("{"));
  await assert.rejects(open().load(NAME), /its metadata 1 cannot be read/);
  await destination.replace(versionKey(FOLDER, 1), new TextEncoder().encode("{}"));
  await assert.rejects(open().load(NAME), /its metadata 1 cannot be read \(.*missing\)/);
  const { destination: mixed, open: openMixed } = scene();
  await openMixed().create(NAME, TABLE);
  const text = '{"format-version":2,"table-uuid":"another"}';
  await mixed.putIfAbsent(versionKey(FOLDER, 2), new TextEncoder().encode(text));
  await assert.rejects(openMixed().load(NAME), /its metadata 2 is of another table/);
});
