import type { Form } from "../table/kinds.ts";
import { setting, SETTING_NAMES, STAGES_KEY } from "../table/schema.ts";
import { yamlKey } from "../table/setting.ts";

/** A value that is filled in from the environment when the file is read. */
const REFERENCE = { type: "string", pattern: "\\$\\{" };

/** The JSON Schema of the YAML file, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const { kind, description, default: standard, secret } = setting(name);
    const schema = schemaOf(kind.form);
    // A list may also be written as one text with commas.
    const text = schema["type"] === "array" ? { type: "string" } : REFERENCE;
    properties[yamlKey(name)] = {
      description: `${description} (${name})`,
      anyOf: [schema, text],
      ...(standard === undefined ? {} : { default: kind.fromText(standard) }),
    };
    if (secret !== undefined) {
      properties[yamlKey(`${name}_FILE`)] = {
        description: `A file that holds the value of ${yamlKey(name)}.`,
        type: "string",
      };
    }
  }
  properties[STAGES_KEY] = {
    description: "Aggregation stages that MongoDB runs on every event, in Extended JSON.",
    type: "array",
    items: { type: "object", minProperties: 1, maxProperties: 1 },
  };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "tributary configuration",
    type: "object",
    additionalProperties: false,
    properties,
  };
}

/** What a file may hold. The limits of quantities are in no schema: it knows texts, not units. */
function schemaOf(form: Form): Record<string, unknown> {
  switch (form.is) {
    case "word":
      return { type: "string", enum: form.words };
    case "text":
    case "quantity":
      return { type: "string", pattern: form.pattern.source };
    case "integer":
      return { type: "integer", minimum: form.min, maximum: form.max };
    case "boolean":
      return { type: "boolean" };
    case "list":
      return { minItems: 1, type: "array", items: { type: "string", minLength: 1 } };
  }
}
