import assert from "node:assert/strict";
import { catalogName } from "../../../../src/table/iceberg/catalog_names.ts";

function nameOf(database: string, collection: string, pattern = "{db}"): string {
  const { namespace, table } = catalogName(pattern, { database, collection });
  return [...namespace, table].join("/");
}

Deno.test("a plain name stays, in small letters, and dots and hyphens become underscores", () => {
  assert.equal(nameOf("shop", "orders"), "shop/orders");
  assert.equal(nameOf("shop", "orderItems"), "shop/orderitems");
  assert.equal(nameOf("my-shop", "fs.files"), "my_shop/fs_files");
});

Deno.test("the database is in the namespace, or in the name of the table", () => {
  assert.equal(nameOf("shop", "orders", "lake.mongo_{db}"), "lake/mongo_shop/orders");
  assert.equal(nameOf("shop", "orders", "lake"), "lake/shop_orders");
});

Deno.test("names of other letters are told apart by a hash", () => {
  const names = ["заказы", "товары", "a b", "a/b", "_a", "__a", "ö"].map((name) =>
    nameOf("d", name)
  );
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^d\/[a-z0-9][a-z0-9_]*_[0-9a-f]{8}$/);
  assert.match(nameOf("d", "заказы"), /^d\/c_/);
  assert.match(nameOf("d", "_a"), /^d\/a_/);
});

Deno.test("a name that is too long is cut, and told apart as well", () => {
  const [a, b] = ["a", "b"].map((end) =>
    catalogName("{db}", { database: "d", collection: "x".repeat(200) + end })
  );
  assert.notEqual(a!.table, b!.table);
  assert.ok(a!.table.length <= 120);
});
