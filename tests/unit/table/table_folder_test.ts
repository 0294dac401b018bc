import assert from "node:assert/strict";
import { tablePlace } from "../../../src/table/table_folder.ts";

const place = (key: string, template: string) => tablePlace(key, { template, bucket: "hour" });

Deno.test("tablePlace is the folder that says the collection and nothing else, and the rest of the key", () => {
  const hive = "db={db}/coll={coll}/year={yyyy}/month={MM}/";
  assert.deepEqual(place("db=shop/coll=orders/year=2026/month=11/a%2E.parquet", hive), {
    folder: "db=shop/coll=orders",
    path: "year=2026/month=11/a%2E.parquet",
  });
  const plain = hive.replace("{db}", "{db!}").replace("{coll}", "{coll!}");
  assert.deepEqual(place("db=shop/coll=a!2Fb/year=2026/month=11/x.parquet", plain), {
    folder: "db=shop/coll=a!2Fb",
    path: "year=2026/month=11/x.parquet",
  });
  assert.deepEqual(place("raw/shop-orders/x.parquet", "raw/{db}-{coll}/"), {
    folder: "raw/shop-orders",
    path: "x.parquet",
  });
});

Deno.test("tablePlace refuses folders of several collections or times, and those that readers decode", () => {
  const templates = [
    "",
    "{db}/",
    "{coll}/{yyyy}/",
    "{yyyy}/{db}/{coll}/",
    "{db}{coll}/",
    "{hash}-{db}/{coll}/",
  ];
  for (const template of templates) {
    const found = place("a/b/c/d.parquet", template);
    assert("refusal" in found && /no folder of their own/.test(found.refusal), template);
  }
  const escaped = place("shop/a%2Fb/x.parquet", "{db}/{coll}/");
  assert("refusal" in escaped && /its folder "shop\/a%2Fb\/" has a "%"/.test(escaped.refusal));
});
