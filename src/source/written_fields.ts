import { isMap } from "../support/json_shape.ts";

/** The fields of events that hold documents or facts of the server, and that stages may change. */
const CHANGEABLE = [
  "fullDocument",
  "fullDocumentBeforeChange",
  "updateDescription",
  "wallTime",
  "to",
  "nsType",
  "collectionUUID",
  "lsid",
  "txnNumber",
  "splitEvent",
];

/**
 * The fields of events that a user's stages may put something into. A document that is put there lies deeper than the server
 * has it, so that a path into documents does not lead to it. Sure to name too many rather than too few. `stages` are
 * canonical Extended JSON.
 */
export function writtenFields(stages: readonly unknown[]): ReadonlySet<string> {
  return new Set(stages.flatMap(fieldsOfStage));
}

function fieldsOfStage(stage: unknown): readonly string[] {
  const [name, body] = isMap(stage) ? Object.entries(stage)[0] ?? [] : [];
  switch (name) {
    case "$set":
    case "$addFields":
    case "$project":
      return fieldsOfMap(body);
    case "$replaceRoot":
      return fieldsOfRoot(isMap(body) ? body["newRoot"] : body);
    case "$replaceWith":
      return fieldsOfRoot(body);
    default:
      return [];
  }
}

/** What a new root has that the event has not, or not there. */
function fieldsOfRoot(root: unknown): readonly string[] {
  if (root === "$$ROOT" || root === "$$CURRENT") return [];
  if (!isMap(root)) return CHANGEABLE;
  const operator = Object.keys(root).find((key) => key.startsWith("$"));
  if (operator === undefined) return fieldsOfMap(root);
  if (operator !== "$mergeObjects") return CHANGEABLE;
  const parts = root[operator];
  return (Array.isArray(parts) ? parts : [parts]).flatMap(fieldsOfRoot);
}

function fieldsOfMap(body: unknown): readonly string[] {
  if (!isMap(body)) return CHANGEABLE;
  return Object.entries(body)
    .filter(([path, value]) => value !== `$${path}` && isComputed(value))
    .map(([path]) => path.split(".")[0]!);
}

/** Whether a value comes from the event: what stands in the settings themselves is no secret of a document. */
function isComputed(value: unknown): boolean {
  return /"\$(?!number(Int|Long|Double|Decimal)")/.test(JSON.stringify(value) ?? "");
}
