import { EXIT, type Verb } from "../verb.ts";

/** `tributary config schema`. */
export const configSchema: Verb = {
  name: "config schema",
  summary: "Print the JSON Schema of the YAML file",
  example: "tributary config schema > tributary.schema.json",
  settings: "none",
  async run({ host }) {
    const { configJsonSchema } = await import("../../config/show/json_schema.ts");
    host.stdout.write(JSON.stringify(configJsonSchema(), null, 2) + "\n");
    return EXIT.done;
  },
};
