import * as z from "zod";
import { setting, SETTING_NAMES, STAGES_KEY } from "../table/schema.ts";
import { yamlKey } from "../table/setting.ts";
import { valueSchema } from "../table/value_schema.ts";

/** A value that is filled in from the environment when the file is read. */
const REFERENCE = { type: "string", pattern: "\\$\\{" };

/** The JSON Schema of the YAML file, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const { kind, description, default: standard, secret } = setting(name);
    const { $schema: _, ...schema } = z.toJSONSchema(valueSchema(kind), { io: "input" });
    // A list may also be written as one text with commas.
    const text = schema.type === "array" ? { type: "string" } : REFERENCE;
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
