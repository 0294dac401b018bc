import { VERSION } from "../support/version.ts";
import { EXIT, type Verb } from "./verb.ts";

/** `tributary version`. */
export const version: Verb = {
  name: "version",
  summary: "Print the versions of tributary and what it runs on",
  example: "tributary version",
  settings: "none",
  run({ host }) {
    const { deno, v8, target } = host.runtime;
    host.stdout.write(`tributary ${VERSION}\ndeno ${deno}\nv8 ${v8}\ntarget ${target}\n`);
    return Promise.resolve(EXIT.done);
  },
};
