import { parseEnvFile } from "../config/env_file.ts";
import type { EnvFileSource } from "../config/layers.ts";
import { VARIABLES } from "../config/schema.ts";
import { errorMessage } from "../model/errors.ts";
import type { Host } from "./host.ts";

type Process = Pick<Host, "env" | "setEnv" | "readTextFile">;

/**
 * The file of variables that `--env-file` names. What it holds becomes variables of the process, because others read them
 * too (the AWS SDK, OpenTelemetry); those that the process has been given already stay as they are, set to nothing too.
 */
export class EnvFileInUse {
  readonly #path: string;
  readonly #process: Process;
  /** The variables that are from the file. */
  #own = new Set<string>();

  constructor(path: string, process: Process) {
    this.#path = path;
    this.#process = process;
  }

  /** Reads the file, once more after a SIGHUP. What stands there no more goes. */
  read(): EnvFileSource {
    const text = this.#text();
    if (typeof text !== "string") return text;
    const { variables, faults } = parseEnvFile(text, this.#path);
    const places = new Map<string, string>();
    for (const [name, { value, place }] of variables) {
      if (this.#isGivenOtherwise(name)) continue;
      this.#process.setEnv(name, value);
      places.set(name, place);
    }
    for (const name of this.#own) if (!places.has(name)) this.#process.setEnv(name, undefined);
    this.#own = new Set(places.keys());
    return { faults, isReadable: true, placeOf: (name) => places.get(name) };
  }

  #text(): string | EnvFileSource {
    try {
      return this.#process.readTextFile(this.#path);
    } catch (error) {
      const fault = {
        setting: "--env-file",
        given: this.#path,
        problem: `Cannot read the file with variables: ${errorMessage(error)}`,
        next: "Check the path and its permissions.",
      };
      return { faults: [fault], isReadable: false, placeOf: () => undefined };
    }
  }

  /** A secret is given by its file, too. */
  #isGivenOtherwise(name: string): boolean {
    const setting = VARIABLES.get(name)?.setting;
    const names = setting === undefined ? [name] : [setting, `${setting}_FILE`];
    return names.some((each) => !this.#own.has(each) && this.#process.env(each) !== undefined);
  }
}
