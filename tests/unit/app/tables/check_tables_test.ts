import assert from "node:assert/strict";
import { checkTables } from "../../../../src/app/tables/check_tables.ts";
import { MemoryDestination } from "../../../../src/destination/memory_destination.ts";
import { PermanentError } from "../../../../src/model/errors.ts";
import { TABLE_SETTINGS } from "../../../support/table_world.ts";

const { keyRule } = TABLE_SETTINGS;

function watching(...names: string[]) {
  const collections = names.map((collection) => ({ database: "shop", collection }));
  const filter = { include: [], exclude: [] };
  return { level: "collection", collections, listing: false, filter } as const;
}

Deno.test("checkTables says that all is well, and leaves nothing behind", async () => {
  const destination = new MemoryDestination();
  const found = await checkTables(
    { keyRule, watch: watching("orders") },
    destination,
  );
  assert.deepEqual(found.map(({ state }) => state), ["ok"]);
  assert.deepEqual(await destination.list("", { limit: 10 }), []);
});

Deno.test("checkTables names collections and layouts that can have none, and the right that is missing", async () => {
  const watch = watching("orders", "a/b", "c d", "e:f", "g+h");
  const destination = new MemoryDestination();
  const [odd] = await checkTables({ keyRule, watch }, destination);
  assert.match(odd!.text, /^shop\.a\/b, shop\.c d, shop\.e:f and 1 more can have none: /);
  const flat = { template: "", bucket: "none" } as const;
  const [none] = await checkTables({ keyRule: flat, watch }, destination);
  assert.match(none!.text, /^there can be none: its objects have no folder of their own/);
  const denied = {
    replace: () => Promise.resolve(),
    remove: () => Promise.reject(new PermanentError("Cannot delete: denied")),
  };
  const [finding] = await checkTables({ keyRule, watch: watching("orders") }, denied);
  assert.deepEqual(finding, {
    ...{ subject: "Tables", state: "warning" },
    text: "old entries of their logs cannot be deleted, and stay: Cannot delete: denied",
  });
});
