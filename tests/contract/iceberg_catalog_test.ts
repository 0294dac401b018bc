import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { openRestCatalog } from "../../src/table/iceberg/rest/open_rest_catalog.ts";
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
