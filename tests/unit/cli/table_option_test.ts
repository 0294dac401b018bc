import assert from "node:assert/strict";
import { tableOrExplain } from "../../../src/cli/table_option.ts";
import { fakeHost } from "../../support/fake_host.ts";

Deno.test("tableOrExplain reads a collection or all, and says what is neither", () => {
  const { host, stderr } = fakeHost({});
  assert.equal(tableOrExplain(host, "all"), "all");
  const orders = { database: "shop", collection: "orders.new" };
  assert.deepEqual(tableOrExplain(host, "shop.orders.new"), orders);
  assert.deepEqual(tableOrExplain(host, "collection:shop.orders.new"), orders);
  assert.equal(tableOrExplain(host, "database:shop"), undefined);
  assert.match(stderr.join(""), /"database:shop" is no collection: write it as shop\.orders/);
});
