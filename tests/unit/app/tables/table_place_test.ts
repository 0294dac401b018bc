import assert from "node:assert/strict";
import { nameOfFolder, placeOf, withPlainNames } from "../../../../src/app/tables/table_place.ts";
import { TABLE_SETTINGS } from "../../../support/table_world.ts";

Deno.test("placeOf is the folder in which the objects of a collection lie, or says why there is no table", () => {
  const { keyRule } = TABLE_SETTINGS;
  const place = placeOf(keyRule, { database: "shop", collection: "order.items" });
  assert("folder" in place && place.folder === "db=shop/coll=order.items");
  assert("refusal" in placeOf(keyRule, { database: "shop", collection: "a b" }));
  const plain = placeOf(withPlainNames(keyRule), { database: "shop", collection: "a b" });
  assert("folder" in plain && plain.folder === "db=shop/coll=a!20b");
});

Deno.test("nameOfFolder is the collection whose folder it is, where that can be told", () => {
  const { keyRule } = TABLE_SETTINGS;
  const nameOf = (folder: string, template = keyRule.template) =>
    nameOfFolder({ ...keyRule, template }, folder);
  assert.deepEqual(nameOf("db=shop/coll=order.items"), {
    database: "shop",
    collection: "order.items",
  });
  assert.deepEqual(nameOf("a.b+shop/orders", "a.b+{db}/{coll}/{yyyy}/"), {
    ...{ database: "shop", collection: "orders" },
  });
  assert.deepEqual(nameOf("shop/of-shop/orders", "{db}/of-{db}/{coll}/"), {
    ...{ database: "shop", collection: "orders" },
  });
  assert.deepEqual(nameOf("db=shop/coll=a!20b", withPlainNames(keyRule).template), {
    ...{ database: "shop", collection: "a b" },
  });
  const others = ["db=shop", "db=shop/orders", "axb+shop/orders", "db=shop/coll=a%20b"];
  for (const folder of others) assert.equal(nameOf(folder), undefined, folder);
  assert.equal(nameOf("shop/of-hr/orders", "{db}/of-{db}/{coll}/"), undefined);
  assert.equal(nameOf("x", "{yyyy}/"), undefined);
});
