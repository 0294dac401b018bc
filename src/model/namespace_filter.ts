import type { NamespaceFilter } from "./settings.ts";

/** Whether a filter wants a namespace, `db.coll`. */
export function isNamespaceWanted(filter: NamespaceFilter, namespace: string): boolean {
  const matches = (pattern: string) => new RegExp(globSource(pattern), "s").test(namespace);
  if (filter.exclude.some(matches)) return false;
  return filter.include.length === 0 || filter.include.some(matches);
}

/** The regular expression of a pattern in which `*` is any text. */
export function globSource(pattern: string): string {
  const escaped = pattern.split("*").map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return `^${escaped.join(".*")}$`;
}
