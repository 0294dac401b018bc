import { globSource } from "../model/namespace_filter.ts";
import type { NamespaceFilter } from "../model/settings.ts";
import type { NamespaceName } from "../pipeline/ports.ts";

/** A MongoDB query document. */
export type Query = Record<string, unknown>;

/** An expression of MongoDB's aggregation language. */
type Expression = unknown;

/** The events that have no `ns.coll`. */
const WITHOUT_COLLECTION = ["dropDatabase", "invalidate"];

/**
 * Up to so many names are asked for by a query, more by an expression. The server makes a regular expression of each name
 * of a query and tries them all on every oplog entry; an expression takes longer, and no longer for a thousand names
 * (6.0.5; `deno task bench --filters`).
 */
export const QUERIED_NAMES_MAX = 20;

/** The regular expression that the server makes of `x{2}` fits `xx`: events would be missing (6.0.5, the same in 8). */
const MISTAKEN_IN_QUERIES = /[{}]/;

/**
 * The `$match` that lets through the events of the wanted namespaces; undefined if that is all of them.
 * The rule is that of `isNamespaceWanted`.
 *
 * Patterns are of the form `db.coll` with `*` for any text; `database` is that of a database stream. Events without a
 * collection (dropDatabase, invalidate) always pass, and so does a rename into a wanted namespace. All of it is written so
 * that the server can push it down to the oplog: asking for `ns.coll` that does not exist, where few events are wanted,
 * made reading three times slower (6.0.5).
 */
export function namespaceMatch(
  { include, exclude }: NamespaceFilter,
  database?: string,
  queriedNamesMax: number = QUERIED_NAMES_MAX,
): Query | undefined {
  if (include.length === 0 && exclude.length === 0) return undefined;
  const wanted = {
    include: include.length === 0 ? undefined : patternsOf(include, database),
    exclude: patternsOf(exclude, database),
  };
  return {
    $or: [
      { operationType: { $in: WITHOUT_COLLECTION } },
      ofWanted(wanted, database, queriedNamesMax),
      renamedToWanted(wanted, database),
    ],
  };
}

/**
 * The `$match` that lets through what concerns these collections, in a change stream of their database, or without one of
 * the deployment: their events, and the renames into one of them. No `dropDatabase` and no `invalidate`: those are of a
 * database and of a change stream.
 */
export function collectionsMatch(
  collections: readonly NamespaceName[],
  database?: string,
  queriedNamesMax: number = QUERIED_NAMES_MAX,
): Query {
  const names = collections.map(({ database, collection }) => `${database}.${collection}`);
  const wanted = { include: { names, globs: [] }, exclude: { names: [], globs: [] } };
  return {
    $or: [ofWanted(wanted, database, queriedNamesMax), renamedToWanted(wanted, database)],
  };
}

/** All of the form `db.coll`. */
interface Patterns {
  /** Meant by the letter. */
  readonly names: readonly string[];
  /** With `*` for any text. */
  readonly globs: readonly string[];
}

interface Wanted {
  /** Undefined: all. */
  readonly include: Patterns | undefined;
  readonly exclude: Patterns;
}

/** Those that may fit a namespace of the database, if it is given. */
function patternsOf(patterns: readonly string[], database: string | undefined): Patterns {
  const possible = patterns.filter((pattern) => {
    const [star, dot] = [pattern.indexOf("*"), pattern.indexOf(".")];
    // A star before the first dot may stand for text with a dot.
    const isOfOne = dot >= 0 && (star < 0 || star > dot);
    return database === undefined || !isOfOne || pattern.slice(0, dot) === database;
  });
  return {
    names: possible.filter((pattern) => !pattern.includes("*")),
    globs: possible.filter((pattern) => pattern.includes("*")),
  };
}

/** The events of wanted collections. */
function ofWanted(wanted: Wanted, database: string | undefined, queriedNamesMax: number): Query {
  const { include = { names: [], globs: [] }, exclude } = wanted;
  const names = [...include.names, ...exclude.names];
  const isQueried = include.globs.length + exclude.globs.length === 0 &&
    names.length <= queriedNamesMax && !names.some((name) => MISTAKEN_IN_QUERIES.test(name));
  if (!isQueried) return { $expr: isWanted(wanted, ofNamespace(database)) };
  const conditions = [
    ...(wanted.include === undefined ? [] : [someOf(nameQueries(include.names, database))]),
    ...(names.length === include.names.length
      ? []
      : [{ $nor: nameQueries(exclude.names, database) }]),
  ];
  return conditions.length === 0 ? {} : { $and: conditions };
}

/** A query for the names of each database. In a database stream its name would be one more comparison for each event. */
function nameQueries(names: readonly string[], database: string | undefined): Query[] {
  const parts = names.map((name) => {
    const dot = name.indexOf(".");
    return { db: name.slice(0, dot), coll: name.slice(dot + 1) };
  });
  return [...Map.groupBy(parts, ({ db }) => db)].map(([db, group]) => ({
    ...(database === undefined ? { "ns.db": db } : {}),
    "ns.coll": { $in: group.map(({ coll }) => coll) },
  }));
}

/** `$or` of no query is refused by the server; a name that cannot be stands for none. */
function someOf(queries: Query[]): Query {
  return { $or: queries.length > 0 ? queries : [{ "ns.coll": { $in: [] } }] };
}

function renamedToWanted(wanted: Wanted, database: string | undefined): Query {
  const name = { $concat: ["$to.db", ".", "$to.coll"] };
  const isHere = database === undefined ? [] : [{ $eq: ["$to.db", { $literal: database }] }];
  return { operationType: "rename", $expr: { $and: [...isHere, isWanted(wanted, name)] } };
}

/** An event's `db.coll`; null where it has no collection. */
function ofNamespace(database: string | undefined): Expression {
  return { $concat: [database === undefined ? "$ns.db" : { $literal: database }, ".", "$ns.coll"] };
}

/** Whether a name is wanted. Null is not, unless only excludes are given. */
function isWanted({ include, exclude }: Wanted, name: Expression): Expression {
  const isIncluded = include === undefined ? [] : [fitsSome(include)];
  const isExcluded = exclude.names.length + exclude.globs.length > 0
    ? [{ $not: [fitsSome(exclude)] }]
    : [];
  return { $let: { vars: { name }, in: { $and: [...isIncluded, ...isExcluded] } } };
}

/** Whether `$$name` fits. Of a constant set the server makes a tree, where `$in` would compare each name. */
function fitsSome({ names, globs }: Patterns): Expression {
  return {
    $or: [
      ...(names.length === 0 ? [] : [{ $setIsSubset: [["$$name"], { $literal: names }] }]),
      ...globs.map((glob) => ({
        $regexMatch: { input: "$$name", regex: regexOf(glob), options: "s" },
      })),
    ],
  };
}

/** In the server's regular expressions `$` is also before a line's end that is the last character. */
function regexOf(glob: string): string {
  return globSource(glob).replace(/\$$/, "\\z");
}
