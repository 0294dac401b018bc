import type { KeyRule } from "../model/settings.ts";

/** Where the table of an object's collection lies: a folder, and the rest of the object's key; or why there can be none. */
export type TablePlace =
  | { readonly folder: string; readonly path: string }
  | { readonly refusal: string };

/**
 * The folder that all objects of a collection share, and nobody else's. A table can name only what lies below its own
 * folder, and readers decode each `%` of that folder, so one with a `%` is found by none of them.
 */
export function tablePlace(key: string, { template }: KeyRule): TablePlace {
  const depth = collectionDepth(template);
  if (depth === undefined) {
    return {
      refusal:
        "its objects have no folder of their own; a table needs KEY_STRATEGY=hive, or {db} and {coll} in the first folders of KEY_TEMPLATE",
    };
  }
  const segments = key.split("/");
  const folder = segments.slice(0, depth).join("/");
  if (folder.includes("%")) {
    return {
      refusal:
        `its folder "${folder}/" has a "%", which readers of tables take for another letter; ` +
        "KEY_STRATEGY=hive-plain, or {db!} and {coll!} in KEY_TEMPLATE, write it otherwise from then on",
    };
  }
  return { folder, path: segments.slice(depth).join("/") };
}

/** How many folders of a key say the collection, and nothing but it. */
export function collectionDepth(template: string): number | undefined {
  const folders = template.split("/").slice(0, -1);
  const last = folders.findIndex((_, i) => {
    const begin = folders.slice(0, i + 1).join("/");
    return /\{db!?\}/.test(begin) && /\{coll!?\}/.test(begin);
  });
  if (last === -1) return undefined;
  const begin = folders.slice(0, last + 1).join("/");
  return /\{(yyyy|MM|dd|HH|hash)\}|\}\{/.test(begin) ? undefined : last + 1;
}
