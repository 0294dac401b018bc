import { sampleYaml } from "../../config/show/sample_yaml.ts";
import { errorMessage } from "../../model/errors.ts";
import { EXIT, type Verb } from "../verb.ts";

/** `tributary config init`. */
export const configInit: Verb = {
  name: "config init",
  summary: "Write a YAML file with every setting in it",
  example: "tributary config init --output tributary.yaml",
  settings: "none",
  options: [{ flags: "--output <FILE>", description: "a new file; default: standard output" }],
  run({ host, options }) {
    const path = options.get("output");
    if (typeof path !== "string") {
      host.stdout.write(sampleYaml());
      return Promise.resolve(EXIT.done);
    }
    try {
      host.writeNewTextFile(path, sampleYaml());
    } catch (error) {
      host.stderr.write(
        `tributary: Cannot write a new file "${path}": ${errorMessage(error)}\n` +
          "Name another with --output; one that is there stays as it is.\n",
      );
      return Promise.resolve(EXIT.failed);
    }
    host.stderr.write(`Wrote ${path}. Next: tributary config show --config ${path}\n`);
    return Promise.resolve(EXIT.done);
  },
};
