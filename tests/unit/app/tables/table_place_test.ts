import assert from "node:assert/strict";
import { placeOf, withPlainNames } from "../../../../src/app/tables/table_place.ts";
import { TABLE_SETTINGS } from "../../../support/table_world.ts";

Deno.test("placeOf is the folder in which the objects of a collection lie, or says why there is no table", () => {
  const { keyRule } = TABLE_SETTINGS;
  const place = placeOf(keyRule, { database: "shop", collection: "order.items" });
  assert("folder" in place && place.folder === "db=shop/coll=order.items");
  assert("refusal" in placeOf(keyRule, { database: "shop", collection: "a b" }));
  const plain = placeOf(withPlainNames(keyRule), { database: "shop", collection: "a b" });
  assert("folder" in plain && plain.folder === "db=shop/coll=a!20b");
});
