import assert from "node:assert/strict";
import { ObjectFolders } from "../../../src/journal/object_folders.ts";
import type { GenesisRecord } from "../../../src/model/record.ts";
import type { Stream } from "../../../src/model/stream.ts";
import { genesis } from "../../contract/journal_contract.ts";

const HIVE = "db={db}/coll={coll}/year={yyyy}/";
const ORDERS: Stream = { level: "collection", database: "shop", collection: "orders" };
const SHOP: Stream = { level: "database", database: "shop" };

Deno.test("ObjectFolders finds the folder of all objects, not only of those that it saw", () => {
  const cases: [Stream, string[], string[], string][] = [
    [ORDERS, [HIVE], ["db=shop/coll=orders/year=2026/a"], "db=shop/coll=orders/"],
    [SHOP, [HIVE], ["db=shop/coll=orders/year=2026/a"], "db=shop/"],
    [{ level: "deployment" }, [HIVE], ["db=shop/coll=orders/year=2026/a"], ""],
    [ORDERS, ["fixed/{db}"], ["fixed/shop/a", "fixed/shop/b"], "fixed/shop/"],
    [ORDERS, ["fixed/", HIVE], ["fixed/a"], "fixed/"],
    [ORDERS, ["fixed/", HIVE], ["fixed/a", "db=shop/coll=orders/year=2026/b"], ""],
    [ORDERS, [""], ["a"], ""],
    [ORDERS, ["{yyyy}/{db}/"], ["2026/shop/a"], ""],
    [ORDERS, [HIVE], [], ""],
    [ORDERS, ["h={hash}/{db}/"], ["h=cc/shop/a", "h=cc/shop/b"], ""],
    [ORDERS, ["raw/{db}/{hash}/"], ["raw/shop/cc/a"], "raw/shop/"],
  ];
  for (const [stream, templates, keys, folder] of cases) {
    const records = templates.map((template) => record(stream, template));
    const folders = new ObjectFolders();
    for (const each of records) folders.sawRecord(each);
    for (const key of keys) folders.sawKey(key);
    assert.equal(folders.common(records[0]!), folder, `${keys}`);
  }
});

function record(stream: Stream, template: string): GenesisRecord {
  const base = genesis("g") as GenesisRecord;
  return { ...base, stream, settings: { ...base.settings, keyRule: { template, bucket: "none" } } };
}
