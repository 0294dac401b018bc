import assert from "node:assert/strict";
import { TABLE_ARGUMENT, tableOrExplain, withTableChoice } from "../../../src/cli/table_option.ts";
import { EXIT, LAKE_SETTINGS, type Verb } from "../../../src/cli/verb.ts";
import { fakeHost, runFake } from "../../support/fake_host.ts";

Deno.test("tableOrExplain reads a collection or all, and says what is neither", () => {
  const { host, stderr } = fakeHost({});
  assert.equal(tableOrExplain(host, "all"), "all");
  const orders = { database: "shop", collection: "orders.new" };
  assert.deepEqual(tableOrExplain(host, "shop.orders.new"), orders);
  assert.deepEqual(tableOrExplain(host, "collection:shop.orders.new"), orders);
  assert.equal(tableOrExplain(host, "database:shop"), undefined);
  assert.match(stderr.join(""), /"database:shop" is no collection: write it as shop\.orders/);
});

Deno.test("withTableChoice() works with the collection that is named, and not where a word or a setting is wrong", async () => {
  const env = { DESTINATION: "file:///lake" };
  const seen: unknown[] = [];
  const verb: Verb = {
    ...{ name: "probe", summary: "Look around", example: "tributary probe all" },
    settings: LAKE_SETTINGS,
    arguments: [TABLE_ARGUMENT],
    run: (context) =>
      withTableChoice(context, (_, { destination }, only) => {
        seen.push([destination.scheme, only]);
        return Promise.resolve(EXIT.failed);
      }),
  };
  assert.equal((await runFake("probe all", { env }, [verb])).code, EXIT.failed);
  assert.equal((await runFake("probe shop.orders", { env }, [verb])).code, EXIT.failed);
  const orders = { database: "shop", collection: "orders" };
  assert.deepEqual(seen.splice(0), [["file", undefined], ["file", orders]]);
  assert.equal((await runFake("probe shop", { env }, [verb])).code, EXIT.usage);
  assert.equal((await runFake("probe all", { env: {} }, [verb])).code, EXIT.usage);
  assert.deepEqual(seen, []);
});
