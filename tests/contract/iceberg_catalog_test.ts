import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { MemoryDestination } from "../../src/destination/memory_destination.ts";
import { FileCatalog } from "../../src/table/iceberg/file_catalog.ts";
import { openRestCatalog } from "../../src/table/iceberg/rest/open_rest_catalog.ts";
import type { Catalog } from "../../src/table/iceberg/catalog.ts";
import type { TableName } from "../../src/table/table_log.ts";
import { type FakeCatalogOptions, startFakeCatalog } from "../support/fake_iceberg_catalog.ts";
import { type CatalogUnderTest, testCatalogContract } from "./iceberg_catalog_contract.ts";

testCatalogContract("REST catalog", () => Promise.resolve(openRest({ prefix: "of/a%2Fbucket" })));

function openRest(options: FakeCatalogOptions): CatalogUnderTest {
  const server = startFakeCatalog(options);
  const ends = new AbortController();
  const open = () =>
    openRestCatalog({ url: server.url, namespace: "lake.{db}", login: { kind: "none" } }, {
      ...{ clock: systemClock, random: systemRandom, signal: ends.signal },
      awsCredentials: () => () => Promise.reject(new Error("none")),
    });
  return {
    catalog: open(),
    other: open(),
    location: "s3://lake/shop/db=shop/coll=orders",
    async [Symbol.asyncDispose]() {
      ends.abort();
      await server[Symbol.asyncDispose]();
    },
  };
}

testCatalogContract("catalog of files", () => {
  const store = new MemoryDestination();
  const folder = "db=shop/coll=orders";
  const failedBeside = (error: unknown) => {
    throw error;
  };
  const tools = { clock: systemClock, random: systemRandom, failedBeside };
  // A table is known by its folder alone.
  const folderOf = ({ database, collection }: TableName) => `db=${database}/coll=${collection}`;
  const open = (): Catalog => {
    const catalogs = new Map<string, FileCatalog>();
    const of = (name: TableName) => {
      const folder = folderOf(name);
      const known = catalogs.get(folder) ?? new FileCatalog({ store, folder, ...tools });
      catalogs.set(folder, known);
      return known;
    };
    return {
      load: (name) => of(name).load(name),
      create: (name, table) => of(name).create(name, table),
      commit: (table, change) => of(table.name).commit(table, change),
      drop: (name) => of(name).drop(),
    };
  };
  return Promise.resolve({
    ...{ catalog: open(), other: open(), location: `${store.url}/${folder}` },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
