import { isMap } from "../../support/json_shape.ts";
import { isExtendedValue } from "./canonical_json.ts";
import { expressionReferences, firstPart, queryReferences, type References } from "./expression.ts";

/** The fields that tell events apart and say where they belong. */
const PROTECTED = ["_id", "operationType", "ns", "clusterTime", "documentKey"];

/** Fields of which the server's form is counted on; without them an event can still be read. */
const SERVERS_OWN = ["wallTime", "splitEvent"];

type Image = "fullDocument" | "fullDocumentBeforeChange";

const SETTING_OF: Readonly<Record<Image, string>> = {
  fullDocument: "FULL_DOCUMENT",
  fullDocumentBeforeChange: "FULL_DOCUMENT_BEFORE_CHANGE",
};

/**
 * Which fields hold something of an image that the server may not find again. Stages copy: `$set: {x: "$fullDocument"}`
 * makes `x` such a field for all stages after it.
 */
export interface Images {
  /** By field; `*` stands for every field that no event has of itself. */
  readonly holders: Map<string, Set<Image>>;
}

/** The fields before the first stage. An image that is required is the same at every reading. */
export function newImages(required: Readonly<Record<Image, boolean>>): Images {
  const images = Object.keys(required) as Image[];
  const lookedUp = images.filter((image) => !required[image]);
  return { holders: new Map(lookedUp.map((image) => [image, new Set([image])])) };
}

/** What is wrong with one stage, in whole sentences; takes note in `images` of what it copies. */
export function stageProblems(name: string, body: unknown, images: Images): string[] {
  switch (name) {
    case "$match":
      return filterProblems(queryReferences(body), images);
    case "$redact":
      return redactProblems(body, images);
    case "$set":
    case "$addFields":
      return setProblems(body, images);
    case "$unset":
      return unsetProblems(body);
    case "$project":
      return projectProblems(body, images);
    default:
      return replaceProblems(
        name === "$replaceRoot" && isMap(body) ? body["newRoot"] : body,
        images,
      );
  }
}

function filterProblems(references: References, images: Images): string[] {
  return imagesIn(references, images).map((image) =>
    `It filters on ${image}, which may be another one when an event is read again: ` +
    `filter on other fields, or set ${SETTING_OF[image]}=required.`
  );
}

/** The images that the referenced fields hold something of. */
function imagesIn(references: References, images: Images): Image[] {
  const found = new Set<Image>();
  const add = (held: Iterable<Image> | undefined) => {
    for (const image of held ?? []) found.add(image);
  };
  if (references.whole) images.holders.forEach(add);
  for (const field of references.fields) {
    add(images.holders.get(field));
    if (!PROTECTED.includes(field)) add(images.holders.get("*"));
  }
  return [...found];
}

function redactProblems(body: unknown, images: Images): string[] {
  const problems = filterProblems(expressionReferences(body), images);
  if (JSON.stringify(body, (_, v) => typeof v === "bigint" ? Number(v) : v).includes("$$DESCEND")) {
    problems.push(
      "$$DESCEND could cut out parts of _id, ns or documentKey: use $unset or $project.",
    );
  }
  return problems;
}

function setProblems(body: unknown, images: Images): string[] {
  if (!isMap(body)) return ["It must be a map of fields."];
  const problems: string[] = [];
  for (const [path, expression] of Object.entries(body)) {
    if (isProtected(path) || isServersOwn(path)) problems.push(writes(path));
    note(firstPart(path), expression, images);
  }
  return problems;
}

function unsetProblems(body: unknown): string[] {
  const paths = Array.isArray(body) ? body : [body];
  if (!paths.every((path) => typeof path === "string")) {
    return ["It must be the name of a field, or a list of names."];
  }
  return paths.filter(isProtected).map(writes);
}

function projectProblems(body: unknown, images: Images): string[] {
  if (!isMap(body)) return ["It must be a map of fields."];
  const entries = Object.entries(body);
  if (entries.every(([, value]) => isExclusion(value))) {
    return entries.map(([path]) => path).filter(isProtected).map(writes);
  }
  const kept = new Set(entries.filter(([, value]) => isInclusion(value)).map(([path]) => path));
  const dropped = PROTECTED.filter((field) =>
    field === "_id" ? "_id" in body && !kept.has("_id") : !kept.has(field)
  );
  const computed = entries.filter(([, value]) => !isInclusion(value) && !isExclusion(value));
  for (const [path, value] of computed) note(firstPart(path), value, images);
  const written = computed.map(([path]) => path).filter(isServersOwn).map(writes);
  return written.concat(
    dropped.map((field) => `It must keep the whole of ${field}: add \`${field}: 1\`.`),
  );
}

function replaceProblems(root: unknown, images: Images): string[] {
  if (keepsEvent(root)) {
    noteRoot(root, images);
    return [];
  }
  return [
    `It must keep ${PROTECTED.join(", ")} as they are, and change neither ${
      SERVERS_OWN.join(" nor ")
    }: ` +
    'write {$mergeObjects: ["$$ROOT", {field: ...}]}, or use $set.',
  ];
}

/** Whether a new root is sure to have all protected fields of the old one, unchanged. */
function keepsEvent(root: unknown): boolean {
  if (root === "$$ROOT" || root === "$$CURRENT") return true;
  if (!isMap(root)) return false;
  const [operator] = Object.keys(root);
  if (operator === "$mergeObjects") {
    const parts = Array.isArray(root[operator]) ? root[operator] : [root[operator]];
    return parts.reduce<boolean>(
      (kept, part) => keepsEvent(part) || (kept && touchesNone(part)),
      false,
    );
  }
  return PROTECTED.every((field) => root[field] === `$${field}`) &&
    SERVERS_OWN.every((field) => root[field] === undefined || root[field] === `$${field}`);
}

/** Whether merging this part over an event leaves its protected fields alone. */
function touchesNone(part: unknown): boolean {
  if (!isMap(part)) return false;
  return Object.entries(part).every(([key, value]) =>
    !key.startsWith("$") &&
    (!(PROTECTED.includes(key) || SERVERS_OWN.includes(key)) || value === `$${key}`)
  );
}

function noteRoot(root: unknown, images: Images): void {
  if (!isMap(root)) return;
  const [operator] = Object.keys(root);
  if (operator !== "$mergeObjects") {
    for (const [field, value] of Object.entries(root)) note(field, value, images);
    return;
  }
  const parts = Array.isArray(root[operator]) ? root[operator] : [root[operator]];
  for (const part of parts) {
    if (isMap(part)) noteRoot(part, images);
    // Fields of whatever name may come out of an image.
    else if (part !== "$$ROOT" && part !== "$$CURRENT") note("*", part, images);
  }
}

/** Remembers which images a field now holds something of. */
function note(field: string, expression: unknown, images: Images): void {
  const held = imagesIn(expressionReferences(expression), images);
  if (held.length === 0) return;
  images.holders.set(field, new Set([...images.holders.get(field) ?? [], ...held]));
}

function isProtected(path: string): boolean {
  return PROTECTED.includes(firstPart(path));
}

function isServersOwn(path: string): boolean {
  return SERVERS_OWN.includes(firstPart(path));
}

function writes(path: string): string {
  const field = firstPart(path);
  return SERVERS_OWN.includes(field)
    ? `It must not change ${path}: the server says it of an event, and the stream stops at another form of it.`
    : `It must not change ${path}: ${field} tells events apart or says where they belong.`;
}

function isInclusion(value: unknown): boolean {
  return value === true || (isNumber(value) && numberOf(value) !== 0);
}

/** Zero, false, or a map of nothing else. */
function isExclusion(value: unknown): boolean {
  if (value === false || (isNumber(value) && numberOf(value) === 0)) return true;
  if (!isMap(value) || isExtendedValue(value)) return false;
  const inner = Object.entries(value);
  return inner.length > 0 && inner.every(([key, v]) => !key.startsWith("$") && isExclusion(v));
}

function isNumber(value: unknown): boolean {
  if (typeof value === "bigint" || typeof value === "number") return true;
  return isMap(value) && /^\$number(Int|Long|Double|Decimal)$/.test(Object.keys(value)[0] ?? "");
}

function numberOf(value: unknown): number {
  return Number(isMap(value) ? Object.values(value)[0] : value);
}
