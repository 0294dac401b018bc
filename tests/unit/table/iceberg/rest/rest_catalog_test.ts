import assert from "node:assert/strict";
import { TransientError } from "../../../../../src/model/errors.ts";
import { systemRandom } from "../../../../../src/support/random.ts";
import { systemClock } from "../../../../../src/support/clock.ts";
import { openRestCatalog } from "../../../../../src/table/iceberg/rest/open_rest_catalog.ts";
import { TableFault } from "../../../../../src/table/table_log.ts";
import {
  type FakeCatalogOptions,
  startFakeCatalog,
} from "../../../../support/fake_iceberg_catalog.ts";

const ORDERS = { database: "shop", collection: "orders" };
const TABLE = {
  location: "s3://lake/orders",
  schema: { type: "struct", fields: [] },
  properties: {},
};

function scene(options: FakeCatalogOptions & { warehouse?: string } = {}) {
  const server = startFakeCatalog(options);
  const { warehouse } = options;
  const catalog = openRestCatalog({
    ...{ url: server.url, namespace: "{db}", login: { kind: "none" } },
    ...warehouse === undefined ? {} : { warehouse },
  }, {
    ...{ clock: systemClock, random: systemRandom, signal: new AbortController().signal },
    awsCredentials: () => () => Promise.reject(new Error("none")),
  });
  return {
    ...{ server, catalog },
    paths: () => server.requests.map(({ method, path }) => `${method} ${path}`),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

Deno.test("the configuration is asked for once, and its prefix is in each path as it was given", async () => {
  await using under = scene({ prefix: "arn%3Aaws%3As3tables", warehouse: "a b" });
  await Promise.all([under.catalog.load(ORDERS), under.catalog.load(ORDERS)]);
  assert.deepEqual(under.paths(), [
    "GET /v1/config",
    ...Array(2).fill("GET /v1/arn%3Aaws%3As3tables/namespaces/shop/tables/orders"),
  ]);
});

Deno.test("a namespace is created only where it is missing", async () => {
  await using under = scene();
  await under.catalog.create(ORDERS, TABLE);
  await under.catalog.create({ ...ORDERS, collection: "lines" }, TABLE);
  assert.deepEqual(under.paths(), [
    "GET /v1/config",
    "POST /v1/namespaces/shop/tables",
    "POST /v1/namespaces",
    "POST /v1/namespaces/shop/tables",
    "POST /v1/namespaces/shop/tables",
  ]);
});

Deno.test("a configuration that was not answered is asked for again", async () => {
  let isAway = true;
  await using under = scene({ fault: () => isAway ? { status: 502 } : undefined });
  await assert.rejects(under.catalog.open(), TransientError);
  isAway = false;
  assert.equal(await under.catalog.load(ORDERS), undefined);
});

Deno.test("an address at which there is no catalog is a fault", async () => {
  await using missing = scene({ fault: () => ({ status: 404 }) });
  await assert.rejects(
    missing.catalog.open(),
    (error) => error instanceof TableFault && /check ICEBERG_CATALOG/.test(error.message),
  );
  await using page = scene({ fault: () => ({ status: 200 }) });
  await assert.rejects(
    page.catalog.open(),
    (error) => error instanceof TableFault && /the address before \/v1$/.test(error.message),
  );
});

Deno.test("a commit whose answer is lost is unknown, and was made", async () => {
  let isLost = false;
  await using under = scene({
    fault: ({ method }) => isLost && method === "POST" ? "lost" : undefined,
  });
  const created = await under.catalog.create(ORDERS, TABLE);
  assert.ok(typeof created === "object");
  isLost = true;
  const updates = [{ action: "set-properties", updates: { at: "1" } }];
  assert.equal(await under.catalog.commit(created, { requirements: [], updates }), "unknown");
  assert.equal((await under.catalog.load(ORDERS))?.metadata.properties.at, "1");
});

Deno.test("a table that cannot be read is a fault", async () => {
  await using under = scene({ namespaces: ["shop"] });
  under.server.tables.set("shop/orders", { "format-version": 2 } as never);
  await assert.rejects(
    under.catalog.load(ORDERS),
    (error) =>
      error instanceof TableFault && error.refuses &&
      /not that of an Iceberg catalog/.test(error.message),
  );
});

Deno.test("rehearse says whether a table can be created, and committed to, and changes nothing", async () => {
  await using under = scene();
  assert.equal(await under.catalog.rehearse(ORDERS, "s3://lake/check"), "no-namespace");
  assert.equal(under.server.tables.size, 0);
  await under.catalog.create(ORDERS, TABLE);
  const before = structuredClone(under.server.tables.get("shop/orders"));
  assert.equal(await under.catalog.rehearse(ORDERS, "s3://lake/check"), "ready");
  assert.deepEqual(under.server.tables.get("shop/orders"), before);
  const lines = { ...ORDERS, collection: "lines" };
  assert.equal(await under.catalog.rehearse(lines, "s3://lake/check"), "ready");
  assert.equal(under.server.tables.size, 1);
});
