import { configJsonSchema } from "../config/json_schema.ts";
import { EXIT, type Verb } from "./verb.ts";

/** `tributary config schema`. */
export const configSchema: Verb = {
  name: "config schema",
  summary: "Print the JSON Schema of the YAML file",
  example: "tributary config schema > tributary.schema.json",
  settings: "none",
  run({ host }) {
    host.stdout.write(JSON.stringify(configJsonSchema(), null, 2) + "\n");
    return Promise.resolve(EXIT.done);
  },
};
