import { parseEnvFile } from "../config/read/env_file.ts";
import type { EnvFileSource } from "../config/read/layers.ts";
import { VARIABLES } from "../config/table/schema.ts";
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
    const emptied = new Map<string, string>();
    for (const [name, { value, place }] of variables) {
      if (this.#isGivenOtherwise(name)) {
        const isSetting = VARIABLES.has(name) && value.trim() !== "";
        if (isSetting && this.#isEmptied(name)) emptied.set(name, place);
        continue;
      }
      this.#process.setEnv(name, value);
      places.set(name, place);
    }
    for (const name of this.#own) if (!places.has(name)) this.#process.setEnv(name, undefined);
    this.#own = new Set(places.keys());
    return { faults, isReadable: true, placeOf: (name) => places.get(name), emptied };
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
      return { faults: [fault], isReadable: false, placeOf: () => undefined, emptied: new Map() };
    }
  }

  /** Whether the process has nothing but empty variables for it. */
  #isEmptied(name: string): boolean {
    return spellingsOf(name).every((each) => (this.#process.env(each) ?? "").trim() === "");
  }

  #isGivenOtherwise(name: string): boolean {
    return spellingsOf(name).some((each) =>
      !this.#own.has(each) && this.#process.env(each) !== undefined
    );
  }
}

/** A secret is given by its file, too. */
function spellingsOf(name: string): readonly string[] {
  const setting = VARIABLES.get(name)?.setting;
  return setting === undefined ? [name] : [setting, `${setting}_FILE`];
}
