import assert from "node:assert/strict";
import type { Catalog, LoadedTable, TableChange } from "../../src/table/iceberg/catalog.ts";

/** A fresh, empty catalog, and what must be cleaned up after it. */
export interface CatalogUnderTest extends AsyncDisposable {
  readonly catalog: Catalog;
  /** A second one over the same tables, as another process has it. */
  readonly other: Catalog;
  /** Where a table may lie. */
  readonly location: string;
}

const ORDERS = { database: "shop", collection: "orders" };

/** An id that no double can hold. */
const LARGE_ID = 2_776_548_382_984_813_079n;

/** The suite that every catalog passes. */
export function testCatalogContract(name: string, open: () => Promise<CatalogUnderTest>): void {
  testTables(name, open);
  testCommits(name, open);
}

function testTables(name: string, open: () => Promise<CatalogUnderTest>): void {
  Deno.test(`${name}: there is no table before it is created, and none after it was dropped`, async () => {
    await using under = await open();
    const { catalog, other } = under;
    assert.equal(await catalog.load(ORDERS), undefined);
    const created = await create(under);
    const { metadata } = created;
    assert.equal(metadata["format-version"], 2);
    assert.equal(metadata.location, under.location);
    assert.equal(metadata["last-sequence-number"], 0n);
    assert.equal(metadata.properties["tributary.collection"], "orders");
    assert.equal((await other.load(ORDERS))?.metadata["table-uuid"], metadata["table-uuid"]);
    await other.drop(ORDERS);
    await other.drop(ORDERS);
    assert.equal(await catalog.load(ORDERS), undefined);
  });

  Deno.test(`${name}: of two that create a table one does`, async () => {
    await using under = await open();
    const { catalog, other } = under;
    const both = await Promise.all(
      [catalog, other].map((each) => each.create(ORDERS, table(under))),
    );
    assert.equal(both.filter((outcome) => outcome === "conflict").length, 1);
    const made = both.find((outcome) => typeof outcome === "object") as LoadedTable;
    const loaded = await catalog.load(ORDERS);
    assert.equal(loaded?.metadata["table-uuid"], made.metadata["table-uuid"]);
  });

  Deno.test(`${name}: tables of other collections are other tables`, async () => {
    await using under = await open();
    const { catalog } = under;
    await create(under);
    assert.equal(await catalog.load({ database: "shop", collection: "lines" }), undefined);
    assert.equal(await catalog.load({ database: "hr", collection: "orders" }), undefined);
  });

  Deno.test(`${name}: a commit to a table that was dropped and created again is a conflict`, async () => {
    await using under = await open();
    const { catalog } = under;
    const created = await create(under);
    await catalog.drop(ORDERS);
    assert.equal(await catalog.commit(created, append(created, 1n)), "conflict");
    const again = await create(under);
    assert.notEqual(again.metadata["table-uuid"], created.metadata["table-uuid"]);
    assert.equal(await catalog.commit(created, append(created, 1n)), "conflict");
  });
}

function testCommits(name: string, open: () => Promise<CatalogUnderTest>): void {
  Deno.test(`${name}: a commit makes all of its updates, with ids of 64 bits`, async () => {
    await using under = await open();
    const { catalog, other } = under;
    const created = await create(under);
    const first = await catalog.commit(created, append(created, LARGE_ID, { "tributary.at": "1" }));
    assert.ok(typeof first === "object");
    const loaded = await other.load(ORDERS);
    assert.equal(loaded?.metadata["current-snapshot-id"], LARGE_ID);
    assert.equal(loaded.metadata["last-sequence-number"], 1n);
    assert.equal(loaded.metadata.properties["tributary.at"], "1");
    assert.equal(loaded.metadata.snapshots?.[0]?.["snapshot-id"], LARGE_ID);
    assert.deepEqual(loaded.metadata, first.metadata);
  });

  Deno.test(`${name}: who commits to what the table was gets a conflict, and changes nothing`, async () => {
    await using under = await open();
    const { catalog, other } = under;
    const created = await create(under);
    assert.ok(typeof await catalog.commit(created, append(created, 1n)) === "object");
    const late = append(created, 2n, { "tributary.at": "2" });
    assert.equal(await other.commit(created, late), "conflict");
    const loaded = await catalog.load(ORDERS);
    assert.equal(loaded?.metadata["current-snapshot-id"], 1n);
    assert.equal(loaded.metadata.properties["tributary.at"], undefined);
  });

  Deno.test(`${name}: of two that commit at the same time one does`, async () => {
    await using under = await open();
    const { catalog, other } = under;
    const created = await create(under);
    const both = await Promise.all([
      catalog.commit(created, append(created, 1n)),
      other.commit(created, append(created, 2n)),
    ]);
    assert.equal(both.filter((outcome) => outcome === "conflict").length, 1);
    assert.equal((await catalog.load(ORDERS))?.metadata.snapshots?.length, 1);
  });

  Deno.test(`${name}: snapshots can be taken away`, async () => {
    await using under = await open();
    const { catalog } = under;
    const created = await create(under);
    const first = await catalog.commit(created, append(created, 1n)) as LoadedTable;
    const next = append(first, 2n);
    const second = await catalog.commit(first, {
      ...next,
      updates: [
        ...next.updates,
        { action: "remove-snapshots", "snapshot-ids": [1n] },
      ],
    });
    assert.ok(typeof second === "object");
    assert.deepEqual(second.metadata.snapshots?.map((each) => each["snapshot-id"]), [2n]);
  });
}

function table({ location }: CatalogUnderTest) {
  const field = (id: number, name: string) => ({ id, name, required: false, type: "string" });
  return {
    location,
    schema: {
      type: "struct",
      "schema-id": 0,
      fields: [field(1, "operation"), field(2, "document")],
    },
    properties: { "tributary.database": "shop", "tributary.collection": "orders" },
  };
}

async function create(under: CatalogUnderTest): Promise<LoadedTable> {
  const created = await under.catalog.create(ORDERS, table(under));
  assert.ok(typeof created === "object");
  return created;
}

/** The next snapshot, as an append makes it. */
function append(
  { metadata }: LoadedTable,
  id: bigint,
  properties: Record<string, string> = {},
): TableChange {
  const parent = metadata["current-snapshot-id"];
  const hasParent = parent !== undefined && parent !== null && parent !== -1n;
  const snapshot = {
    "snapshot-id": id,
    ...hasParent ? { "parent-snapshot-id": parent } : {},
    "sequence-number": metadata["last-sequence-number"] + 1n,
    "timestamp-ms": BigInt(metadata["last-updated-ms"] as bigint) + 1n,
    "manifest-list": `${metadata.location}/metadata/snap-${id}.avro`,
    summary: { operation: "append" },
    "schema-id": 0,
  };
  return {
    requirements: [
      { type: "assert-table-uuid", uuid: metadata["table-uuid"] },
      { type: "assert-ref-snapshot-id", ref: "main", "snapshot-id": hasParent ? parent : null },
    ],
    updates: [
      { action: "add-snapshot", snapshot },
      { action: "set-snapshot-ref", "ref-name": "main", type: "branch", "snapshot-id": id },
      { action: "set-properties", updates: properties },
    ],
  };
}
