import { decodeName } from "../../model/keys/name_encoding.ts";
import type { KeyRule } from "../../model/settings.ts";
import { objectKey } from "../../pipeline/record/object_key.ts";
import { collectionDepth, type TablePlace, tablePlace } from "../../table/table_folder.ts";
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

/** The collection whose table has this folder by the settings; undefined where that cannot be told. */
export function nameOfFolder(keyRule: KeyRule, folder: string): TableName | undefined {
  const depth = collectionDepth(keyRule.template);
  if (depth === undefined) return undefined;
  const begin = keyRule.template.split("/").slice(0, depth).join("/");
  const pattern = begin.replace(/[.*+?^$()|[\]\\]/g, "\\$&")
    .replace(/\{db!?\}/, "(?<db>[^/]+)").replace(/\{coll!?\}/, "(?<coll>[^/]+)")
    .replaceAll(/\{(db|coll)!?\}/g, "[^/]+");
  const { db, coll } = new RegExp(`^${pattern}$`).exec(folder)?.groups ?? {};
  // No name has a "!" that is not an escape.
  const nameOf = (part: string | undefined) => part && decodeName(part.replaceAll("!", "%"));
  const [database, collection] = [nameOf(db), nameOf(coll)];
  if (database === undefined || collection === undefined) return undefined;
  const place = placeOf(keyRule, { database, collection });
  return "folder" in place && place.folder === folder ? { database, collection } : undefined;
}
