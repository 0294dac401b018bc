import type { NamespaceFilter } from "./settings.ts";

/** Whether a filter wants a namespace, `db.coll`. */
export function isNamespaceWanted(filter: NamespaceFilter, namespace: string): boolean {
  return wantedNamespaces(filter)(namespace);
}

/** The same for many: the patterns are read once. */
export function wantedNamespaces(filter: NamespaceFilter): (namespace: string) => boolean {
  const expressionOf = (pattern: string) => new RegExp(globSource(pattern), "s");
  const [exclude, include] = [filter.exclude.map(expressionOf), filter.include.map(expressionOf)];
  return (namespace) => {
    const isMeant = (expression: RegExp) => expression.test(namespace);
    return !exclude.some(isMeant) && (include.length === 0 || include.some(isMeant));
  };
}

/** The regular expression of a pattern in which `*` is any text. */
export function globSource(pattern: string): string {
  const escaped = pattern.split("*").map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return `^${escaped.join(".*")}$`;
}
