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
    { keyRule, watch: watching("orders"), tables: ["delta", "iceberg"] },
    destination,
  );
  assert.deepEqual(found.map(({ text }) => text), [
    "each collection becomes a Delta table in its folder",
    "each collection becomes an Iceberg table in its folder",
  ]);
  assert.deepEqual(await destination.list("", { limit: 10 }), []);
});

Deno.test("checkTables names collections and layouts that can have none, and the right that is missing", async () => {
  const watch = watching("orders", "a/b", "c d", "e:f", "g+h");
  const tables = ["iceberg"] as const;
  const destination = new MemoryDestination();
  const [odd] = await checkTables({ keyRule, watch, tables }, destination);
  assert.match(odd!.text, /^shop\.a\/b, shop\.c d, shop\.e:f and 1 more can have none: /);
  const flat = { template: "", bucket: "none" } as const;
  const [none] = await checkTables({ keyRule: flat, watch, tables }, destination);
  assert.match(none!.text, /^there can be none: its objects have no folder of their own/);
  const denied = {
    replace: () => Promise.resolve(),
    remove: () => Promise.reject(new PermanentError("Cannot delete: denied")),
  };
  const [finding] = await checkTables({ keyRule, watch: watching("orders"), tables }, denied);
  assert.deepEqual(finding, {
    ...{ subject: "Tables", state: "warning" },
    text: "old files of Iceberg tables cannot be deleted, and stay: Cannot delete: denied",
  });
});

Deno.test("checkTables tries whether objects can be deleted that were joined, and says what globs miss then", async () => {
  const setting = { keyRule, watch: watching("orders"), tables: ["delta"], tableRetentionMs: 1 };
  const destination = new MemoryDestination();
  const [, well] = await checkTables(setting as never, destination);
  assert.equal(well!.state, "warning");
  assert.match(well!.text, /globs such as .* miss their rows/);
  assert.deepEqual(await destination.list("", { limit: 10 }), []);
  const denied = {
    replace: () => Promise.resolve(),
    remove: () => Promise.reject(new PermanentError("Cannot delete: denied")),
  };
  const [, without] = await checkTables(setting as never, denied);
  assert.match(without!.text, /TABLE_RETENTION deletes nothing, .*: Cannot delete: denied$/);
});
