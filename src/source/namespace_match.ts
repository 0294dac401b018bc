import { globSource } from "../model/namespace_filter.ts";
import type { NamespaceFilter } from "../model/settings.ts";
import type { NamespaceName } from "../pipeline/namespaces.ts";
import { compareUtf8 } from "../support/bytes/utf8_order.ts";

/** A MongoDB query document. */
export type Query = Record<string, unknown>;

/** An expression of MongoDB's aggregation language. */
type Expression = unknown;

/** The events that have no `ns.coll`. */
const WITHOUT_COLLECTION = ["dropDatabase", "invalidate"];

/** From this share of wanted entries on it is cheaper to look at whole events than at entries of the oplog first. */
const WANTED_SHARE_MANY = 0.6;

/** So few are compared as fast as they are halved. */
const COMPARED_NAMES_MAX = 32;

const JOINED_GLOBS_MAX = 50;

/** What the server cannot say of an oplog entry, it asks of the event that the entry becomes. No event has such a field. */
const OF_THE_EVENT = { thereIsNoSuchField: true };

/**
 * The `$match` that lets through the events of the wanted namespaces; undefined if that is all of them.
 * The rule is that of `isNamespaceWanted`.
 *
 * Patterns are of the form `db.coll` with `*` for any text; `database` is that of a database stream. Events without a
 * collection (dropDatabase, invalidate) always pass, and so does a rename into a wanted namespace.
 *
 * All of it is written so that the server can push it down to the oplog: asking for `ns.coll` that does not exist, where few
 * events are wanted, made reading three times slower (6.0.5). It is an expression, and no query: of a name in a query the
 * server makes a regular expression, and tries one after the other (`deno task bench --filters`). And it makes mistakes:
 * `x{2}` fits `xx`, a quote in a pattern is a syntax error, and a `$` fits before a newline at the end.
 */
export function namespaceMatch(
  { include, exclude }: NamespaceFilter,
  database?: string,
): Query | undefined {
  if (include.length === 0 && exclude.length === 0) return undefined;
  const wanted = {
    include: include.length === 0 ? undefined : patternsOf(include, database),
    exclude: patternsOf(exclude, database),
  };
  return {
    $or: [
      { operationType: { $in: WITHOUT_COLLECTION } },
      { $expr: isWanted(wanted, ofNamespace(database)) },
      renamedToWanted(wanted, database),
    ],
  };
}

/**
 * The `$match` that lets through what concerns these collections, in a change stream of their database, or without one of
 * the deployment: their events, and the renames into one of them. No `dropDatabase` and no `invalidate`: those are of a
 * database and of a change stream.
 *
 * `wantedShare` of the entries that the stream looks at are theirs, as far as is known.
 */
export function collectionsMatch(
  collections: readonly NamespaceName[],
  database?: string,
  wantedShare = 0,
): Query {
  const names = collections.map(({ database, collection }) => `${database}.${collection}`);
  const wanted = { include: { names, globs: [] }, exclude: { names: [], globs: [] } };
  return {
    $or: [
      { $expr: isWanted(wanted, ofNamespace(database)) },
      renamedToWanted(wanted, database),
      ...(wantedShare >= WANTED_SHARE_MANY ? [OF_THE_EVENT] : []),
    ],
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

/** Whether `$$name` fits. */
function fitsSome({ names, globs }: Patterns): Expression {
  return {
    $or: [
      ...(names.length === 0 ? [] : [isOneOf(names.toSorted(compareUtf8))]),
      ...together(globs).map((some) => ({
        $regexMatch: { input: "$$name", regex: regexOf(some), options: "s" },
      })),
    ],
  };
}

/** `$in` compares with one name after the other: many are halved until few are left. Null sorts before all names. */
function isOneOf(sorted: readonly string[]): Expression {
  if (sorted.length <= COMPARED_NAMES_MAX) return { $in: ["$$name", { $literal: sorted }] };
  const middle = sorted.length >> 1;
  return {
    $cond: [
      { $lt: ["$$name", { $literal: sorted[middle] }] },
      isOneOf(sorted.slice(0, middle)),
      isOneOf(sorted.slice(middle)),
    ],
  };
}

/** One expression for many globs is twice as fast as many are, but the server takes 32 KB of it at most. */
function together(globs: readonly string[]): string[][] {
  const count = Math.ceil(globs.length / JOINED_GLOBS_MAX);
  return Array.from(
    { length: count },
    (_, i) => globs.slice(i * JOINED_GLOBS_MAX, (i + 1) * JOINED_GLOBS_MAX),
  );
}

/** In the server's regular expressions `$` is also before a line's end that is the last character. */
function regexOf(globs: readonly string[]): string {
  return `^(?:${globs.map((glob) => globSource(glob).slice(1, -1)).join("|")})\\z`;
}
