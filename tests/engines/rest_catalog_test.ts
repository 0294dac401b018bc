/** Our client and the server that Iceberg itself tests clients with. */
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { openRestCatalog } from "../../src/table/iceberg/rest/open_rest_catalog.ts";
import { testCatalogContract } from "../contract/iceberg_catalog_contract.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { uniqueName } from "../support/services.ts";
import { type CatalogServer, startCatalogServer } from "./catalog_server.ts";

let server: CatalogServer | undefined;

Deno.test.beforeAll(async () => {
  await ensureBucket("engines");
  server = await startCatalogServer("engines");
});

Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]());

testCatalogContract("Iceberg's REST catalog", () => {
  const ends = new AbortController();
  // Each test has tables of its own.
  const namespace = uniqueName("contract").replace("-", "_");
  const { url } = server!;
  const open = () =>
    openRestCatalog({ url, namespace: `${namespace}.{db}`, login: { kind: "none" } }, {
      ...{ clock: systemClock, random: systemRandom, signal: ends.signal },
      awsCredentials: () => () => Promise.reject(new Error("none")),
    });
  return Promise.resolve({
    catalog: open(),
    other: open(),
    location: `s3://engines/${namespace}/db=shop/coll=orders`,
    [Symbol.asyncDispose]() {
      ends.abort();
      return Promise.resolve();
    },
  });
});
