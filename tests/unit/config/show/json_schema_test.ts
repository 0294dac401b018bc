import assert from "node:assert/strict";
import { configJsonSchema } from "../../../../src/config/show/json_schema.ts";
import { YAML_KEYS } from "../../../../src/config/table/schema.ts";

const schema = configJsonSchema();
const properties = schema["properties"] as Record<string, Record<string, unknown>>;

Deno.test("configJsonSchema knows every key of the YAML file and no other", () => {
  assert.deepEqual(Object.keys(properties).sort(), [...YAML_KEYS.keys(), "pipeline"].sort());
  assert.equal(schema["additionalProperties"], false);
});

Deno.test("configJsonSchema says what is allowed, and lets a variable stand for any value", () => {
  const reference = { type: "string", pattern: "\\$\\{" };
  assert.deepEqual(properties["batchSize"], {
    description: "A batch is written when it has this many events. (BATCH_SIZE)",
    anyOf: [{ type: "integer", minimum: 1, maximum: 10_000_000 }, reference],
    default: 50_000,
  });
  assert.deepEqual(properties["format"]?.["anyOf"], [
    { type: "string", enum: ["parquet", "jsonl", "csv", "avro"] },
    reference,
  ]);
  assert.equal(properties["batchTimeout"]?.["default"], "30s");
});

Deno.test("configJsonSchema lets collections be a list or a text", () => {
  const allowed = properties["mongodbCollections"]?.["anyOf"] as { type: string }[];
  assert.deepEqual(allowed.map(({ type }) => type), ["array", "string"]);
  const text = allowed[1] as { pattern?: string };
  assert.equal(text.pattern, undefined);
});
