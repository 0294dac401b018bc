import { COLUMNS } from "../../model/columns.ts";
import type { Resolution } from "./resolution.ts";

/** A path is within the documents; these are the fields of events that hold them. */
const EVENT_FIELDS = [
  "fullDocument",
  "fullDocumentBeforeChange",
  "documentKey",
  "updateDescription",
];

/** Of those of an update description. */
const UPDATE_FIELDS = ["updatedFields", "removedFields", "truncatedArrays", "disambiguatedPaths"];

/** The columns that have documents in them. */
const DOCUMENT_COLUMNS: readonly string[] = COLUMNS
  .filter(({ type }) => type === "json")
  .map(({ name }) => name);

/** The paths of REDACT, sorted and each once: their order means nothing, and journals keep them. */
export function resolveRedact(resolution: Resolution): readonly string[] {
  const paths = resolution.values.REDACT ?? [];
  const isItemized = resolution.isItemized("REDACT");
  for (const path of paths) {
    const problem = pathProblem(path) ?? (isItemized ? undefined : textProblem(path));
    if (problem !== undefined) resolution.fault("REDACT", ...problem, path);
  }
  return [...new Set(paths)].sort();
}

/** Problem and next step. */
function pathProblem(path: string): [string, string] | undefined {
  const names = path.split(".");
  const quote = /^["'`]|["'`]$/.exec(path)?.[0];
  if (quote !== undefined) {
    return [
      `The path ${path} has the sign ${quote} at an end, which would be a part of the name.`,
      `Write it without quotes: ${path.replace(/^["'`]+|["'`]+$/g, "") || "password"}.`,
    ];
  }
  if (names.includes("")) {
    return [
      `The path "${path}" has an empty name.`,
      "Write names with a dot between them, such as customer.email.",
    ];
  }
  if (names[0] === "_id") {
    return [
      `The path "${path}" cannot be removed: _id tells documents apart, and is in every resume token.`,
      "Take it out; what must be kept from a lake must not be in _id.",
    ];
  }
  return eventProblem(path, names) ?? patternProblem(path, names);
}

/** Paths that lead from an event or a row, and not from a document. */
function eventProblem(path: string, names: readonly string[]): [string, string] | undefined {
  const [first, ...rest] = names as [string, ...string[]];
  const what = DOCUMENT_COLUMNS.includes(first)
    ? "a column"
    : EVENT_FIELDS.includes(first)
    ? "a field of events"
    : UPDATE_FIELDS.includes(first)
    ? "a field of update descriptions"
    : undefined;
  if (what === undefined) return undefined;
  const inner = (UPDATE_FIELDS.includes(rest[0] ?? "") ? rest.slice(1) : rest).join(".");
  if (rest.length === 0) {
    return [
      `The path "${path}" is ${what}, and paths are those of documents.`,
      "Write the fields of documents that must go, such as password.",
    ];
  }
  return [
    `The path "${path}" begins with ${what}, and paths are those of documents.`,
    `Write ${inner || "password"}: it is removed wherever an event has it.`,
  ];
}

function patternProblem(path: string, names: readonly string[]): [string, string] | undefined {
  const sign = names.find((name) => /^(\*|\$(\[.*\])?)$/.test(name)) ??
    names.map((name) => /\[.*$|\]$/.exec(name)?.[0]).find((found) => found !== undefined);
  if (sign === undefined) return undefined;
  return [
    `The path "${path}" has the sign "${sign}", and there are no patterns.`,
    "Leave it out: items.price is the price of every item of an array.",
  ];
}

/** In a text between commas these are other signs between paths; in a list in YAML they are what they are. */
function textProblem(path: string): [string, string] | undefined {
  if (!/[\s;|]/.test(path)) return undefined;
  const paths = path.split(/[\s;|]+/).filter((each) => each !== "").join(",");
  return [
    `The path "${path}" has a blank, a ; or a | in it.`,
    `Write commas between paths: ${paths}; or, if a field is really called so, a list in YAML.`,
  ];
}
