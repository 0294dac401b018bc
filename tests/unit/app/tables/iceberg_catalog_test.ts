import assert from "node:assert/strict";
import { checkIcebergCatalog } from "../../../../src/app/tables/iceberg_catalog.ts";
import { systemClock } from "../../../../src/support/clock.ts";
import { silentLog } from "../../../../src/support/log.ts";
import { systemRandom } from "../../../../src/support/random.ts";
import { TableFault } from "../../../../src/table/table_log.ts";
import {
  type FakeCatalogOptions,
  startFakeCatalog,
} from "../../../support/fake_iceberg_catalog.ts";
import { configOf } from "../../../support/load_config.ts";

async function check(options: FakeCatalogOptions, watched: Record<string, string> = {}) {
  await using server = startFakeCatalog(options);
  const config = configOf({
    MONGODB_DATABASE: "shop",
    TABLES: "iceberg",
    ...watched,
    ICEBERG_CATALOG: server.url,
  });
  const tools = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };
  const found = await checkIcebergCatalog(config, { tools, signal: new AbortController().signal });
  assert.equal(server.tables.size, 0);
  return found.map(({ state, text }) => `${state}: ${text.replace(server.url, "URL")}`);
}

Deno.test("checkIcebergCatalog says that tables can be written, and changes nothing", async () => {
  assert.deepEqual(await check({ namespaces: ["shop"] }, { MONGODB_COLLECTIONS: "orders" }), [
    "ok: URL answers, and lets tables such as shop.orders be written",
  ]);
});

Deno.test("a namespace that is missing is no fault", async () => {
  assert.deepEqual(await check({}), [
    "ok: URL answers; the namespace shop comes with its first table",
  ]);
});

Deno.test("a right that is missing is one sentence", async () => {
  const fault: FakeCatalogOptions["fault"] = ({ method }) =>
    method === "POST" ? { status: 403 } : undefined;
  await assert.rejects(
    check({ fault }),
    (error) =>
      error instanceof TableFault &&
      /^Cannot write the table of shop\.tributary_check .* denies that/.test(error.message),
  );
});

Deno.test("nothing is said where there is no catalog", async () => {
  const config = configOf({ MONGODB_DATABASE: "shop" });
  const tools = { clock: systemClock, random: systemRandom, log: silentLog, hostName: "host-1" };
  const signal = new AbortController().signal;
  assert.deepEqual(await checkIcebergCatalog(config, { tools, signal }), []);
});
