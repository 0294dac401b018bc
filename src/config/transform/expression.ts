import { isMap } from "../../support/json_shape.ts";
import { isExtendedValue } from "./canonical_json.ts";

/** What an aggregation expression or a query looks at: top-level fields of the event, or possibly all of them. */
export interface References {
  readonly fields: ReadonlySet<string>;
  /** It looks at the event as a whole (`$$ROOT`), or at a field whose name is computed. */
  readonly whole: boolean;
}

/** Operators and variables whose value does not follow from the event alone. */
const UNREPEATABLE = new Set([
  "$rand",
  "$sampleRate",
  "$function",
  "$accumulator",
  "$where",
  "$createUUID",
  "$createObjectId",
  "$currentDate",
  "$$NOW",
  "$$CLUSTER_TIME",
  "$$USER_ROLES",
]);

/** The operators and variables in a stage that would give another result when an event is read again. */
export function unrepeatableOperators(value: unknown): string[] {
  const found = new Set<string>();
  visit(value, {
    key: (key) => UNREPEATABLE.has(key) && found.add(key),
    text: (text) => {
      const variable = /^\$\$[A-Z_]+/.exec(text)?.[0];
      if (variable !== undefined && UNREPEATABLE.has(variable)) found.add(variable);
    },
  });
  return [...found];
}

/** What an aggregation expression looks at. Sure to name too much rather than too little. */
export function expressionReferences(expression: unknown): References {
  const fields = new Set<string>();
  let whole = false;
  visit(expression, {
    key: (key, inner) => {
      if (key !== "$getField") return;
      const field = isMap(inner) && "field" in inner ? inner["field"] : inner;
      if (typeof field === "string" && !field.startsWith("$")) fields.add(firstPart(field));
      else if (isMap(field) && typeof field["$literal"] === "string") fields.add(field["$literal"]);
      else whole = true;
    },
    text: (text) => {
      if (/^\$\$(ROOT|CURRENT)$/.test(text)) whole = true;
      const path = /^\$\$(?:ROOT|CURRENT)\.(.+)$/s.exec(text)?.[1] ??
        /^\$([^$].*)$/s.exec(text)?.[1];
      if (path !== undefined) fields.add(firstPart(path));
    },
  });
  return { fields, whole };
}

/** What a `$match` looks at. */
export function queryReferences(query: unknown): References {
  const fields = new Set<string>();
  let whole = false;
  const add = (more: References) => {
    more.fields.forEach((field) => fields.add(field));
    whole ||= more.whole;
  };
  if (!isMap(query)) return { fields, whole: true };
  for (const [key, value] of Object.entries(query)) {
    if (!key.startsWith("$")) fields.add(firstPart(key));
    else if (Array.isArray(value)) value.forEach((item) => add(queryReferences(item)));
    else if (key === "$expr") add(expressionReferences(value));
    else if (key === "$jsonSchema") add(schemaReferences(value));
    // What is left is a remark, a fault of its own, or nothing that this program can follow.
    else if (key !== "$comment" && !UNREPEATABLE.has(key)) whole = true;
  }
  return { fields, whole };
}

/** The first part of a dotted path. */
export function firstPart(path: string): string {
  return path.split(".")[0]!;
}

/** Every name in a JSON schema may be a field's. */
function schemaReferences(schema: unknown): References {
  const fields = new Set<string>();
  let whole = false;
  visit(schema, {
    key: (key) => {
      fields.add(key);
      whole ||= /^((pattern|additional|min|max)Properties|dependencies)$/.test(key);
    },
    text: (text) => fields.add(text),
  });
  return { fields, whole };
}

interface Visitor {
  key(key: string, value: unknown): void;
  text(text: string): void;
}

/** Calls the visitor for every key and every text, except in what is literal. */
function visit(value: unknown, visitor: Visitor): void {
  if (typeof value === "string") return visitor.text(value);
  if (Array.isArray(value)) return value.forEach((item) => visit(item, visitor));
  if (!isMap(value) || isExtendedValue(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    visitor.key(key, inner);
    if (key !== "$literal") visit(inner, visitor);
  }
}
