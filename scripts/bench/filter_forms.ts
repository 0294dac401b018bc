import { globSource } from "../../src/model/namespace_filter.ts";
import type { Query } from "../../src/source/namespace_match.ts";

/** Where a change stream is opened. */
export type FilterLevel = "database" | "deployment";

/** The names that a filter asks for. */
export interface FilterNames {
  readonly level: FilterLevel;
  readonly database: string;
  readonly names: readonly string[];
}

/** A way to ask for the events of some collections. */
export interface FilterForm {
  readonly name: string;
  /** The numbers of names with which it is measured; a pattern or none is one. */
  readonly sizes: readonly number[];
  /** What is said of `ns`, or of a rename's `to`. */
  query(field: "ns" | "to", names: FilterNames): Query;
}

const FEW_AND_MANY = [1, 11, 51, 201, 1001];
/** Where each further name costs a good part of a microsecond, many of them are known without being measured. */
const DEAR = [1, 11, 51, 201];
const DEARER = [1, 11, 51];

/** The text that all names begin with, `ns.coll` and no more. */
const PREFIX = "^wanted";

/** The forms that are compared; what tributary itself asks for is one more. */
export const FILTER_FORMS: readonly FilterForm[] = [
  {
    name: "$in of names",
    sizes: DEAR,
    query: (field, names) => inDatabase(field, names, { $in: names.names }),
  },
  {
    name: "$in of namespaces",
    sizes: DEARER,
    query: (field, { database, names }) => ({
      [field]: { $in: names.map((coll) => ({ db: database, coll })) },
    }),
  },
  {
    name: "$expr $in",
    sizes: FEW_AND_MANY,
    query: (field, names) => ({ $expr: { $in: [wholeName(field, names), literals(names)] } }),
  },
  {
    name: "$expr $setIsSubset",
    sizes: DEAR,
    query: (field, names) => ({
      $expr: { $setIsSubset: [[wholeName(field, names)], literals(names)] },
    }),
  },
  {
    name: "$in of names, of the event",
    sizes: FEW_AND_MANY,
    // What the server cannot say of an oplog entry, it asks of the whole event.
    query: (field, names) => ({
      $or: [inDatabase(field, names, { $in: names.names }), { thereIsNoSuchField: true }],
    }),
  },
  {
    name: "$regex, a prefix",
    sizes: [1],
    query: (field, names) => inDatabase(field, names, { $regex: PREFIX }),
  },
  {
    name: "$expr $regexMatch, a prefix",
    sizes: [1],
    query: (field, names) => ({
      $expr: {
        $and: [
          ...(names.level === "database" ? [] : [{ $eq: [`$${field}.db`, names.database] }]),
          { $regexMatch: { input: `$${field}.coll`, regex: PREFIX } },
        ],
      },
    }),
  },
  {
    name: "$expr $regexMatch, a prefix of the whole name",
    sizes: [1],
    query: (field, names) => ({
      $expr: { $regexMatch: { input: wholeName(field, names, true), regex: "^[^.]*\\.wanted" } },
    }),
  },
  {
    name: "$regex, alternatives",
    sizes: [11],
    query: (field, names) => inDatabase(field, names, { $regex: alternatives(names.names) }),
  },
  {
    name: "$expr $regexMatch, alternatives",
    sizes: [11],
    query: (field, names) => ({
      $expr: {
        $regexMatch: {
          input: wholeName(field, names),
          regex: alternatives(texts(names)),
        },
      },
    }),
  },
];

function inDatabase(field: "ns" | "to", { level, database }: FilterNames, coll: Query): Query {
  const query = { [`${field}.coll`]: coll };
  return level === "database" ? query : { [`${field}.db`]: database, ...query };
}

/** A database stream sees one database: there the collection's name will do. */
function wholeName(field: "ns" | "to", { level }: FilterNames, always = false): unknown {
  return level === "database" && !always
    ? `$${field}.coll`
    : { $concat: [`$${field}.db`, ".", `$${field}.coll`] };
}

function texts({ level, database, names }: FilterNames): readonly string[] {
  return level === "database" ? names : names.map((name) => `${database}.${name}`);
}

function literals(names: FilterNames): Query {
  return { $literal: texts(names) };
}

function alternatives(names: readonly string[]): string {
  return `^(?:${names.map((name) => globSource(name).slice(1, -1)).join("|")})$`;
}
