import type { Resolution } from "./resolution.ts";

/** A path is within the documents; these are the fields of events that hold them. */
const EVENT_FIELDS = [
  "fullDocument",
  "fullDocumentBeforeChange",
  "documentKey",
  "updateDescription",
];

/** The paths of REDACT, sorted and each once: their order means nothing, and journals keep them. */
export function resolveRedact(resolution: Resolution): readonly string[] {
  const paths = resolution.values.REDACT ?? [];
  for (const path of paths) {
    const problem = pathProblem(path);
    if (problem !== undefined) resolution.fault("REDACT", ...problem);
  }
  return [...new Set(paths)].sort();
}

/** Problem and next step. */
function pathProblem(path: string): [string, string] | undefined {
  const names = path.split(".");
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
  if (names.length > 1 && EVENT_FIELDS.includes(names[0]!)) {
    const inner = names.slice(names[1] === "updatedFields" ? 2 : 1).join(".") || "password";
    return [
      `The path "${path}" begins with a field of events, and paths are those of documents.`,
      `Write ${inner}: it is removed wherever an event has it.`,
    ];
  }
  const sign = names.find((name) => /^(\*|\$(\[.*\])?)$/.test(name));
  if (sign !== undefined) {
    return [
      `The path "${path}" has the sign "${sign}", and there are no patterns.`,
      "Leave it out: items.price is the price of every item of an array.",
    ];
  }
  return undefined;
}
