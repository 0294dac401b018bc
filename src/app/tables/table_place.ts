import type { KeyRule } from "../../model/settings.ts";
import { objectKey } from "../../pipeline/record/object_key.ts";
import { type TablePlace, tablePlace } from "../../table/table_folder.ts";
import type { TableName } from "../../table/table_log.ts";

/** Where the settings put the table of a collection, or why there can be none. */
export function placeOf(keyRule: KeyRule, name: TableName): TablePlace {
  const object = { streamKey: "x", seq: 0, index: 0, recordId: "x", extension: "parquet" };
  return tablePlace(objectKey(keyRule, name, "2026-01-01T00", object), keyRule);
}

/** The same folders, in which names have no `%`. */
export function withPlainNames(keyRule: KeyRule): KeyRule {
  return { ...keyRule, template: keyRule.template.replace(/\{(db|coll)\}/g, "{$1!}") };
}
