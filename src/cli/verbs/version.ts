import { fileURLToPath } from "node:url";
import { VERSION } from "../../support/version.ts";
import { EXIT, type Verb } from "../verb.ts";

/** Lies beside the program's code in an executable; whoever runs from source has the packages themselves. */
const NOTICES = new URL("./third_party_notices.txt", import.meta.url);

/** `tributary version`. */
export const version: Verb = {
  name: "version",
  summary: "Print the versions of tributary and what it runs on",
  example: "tributary version",
  settings: "none",
  options: [{
    flags: "--licenses",
    description: "print the licences of what is in the executable",
  }],
  run({ host, options }) {
    if (options.has("licenses")) {
      try {
        host.stdout.write(host.readTextFile(fileURLToPath(NOTICES)));
        return Promise.resolve(EXIT.done);
      } catch {
        host.stderr.write("Only an executable brings its notices: deno task compile makes one.\n");
        return Promise.resolve(EXIT.failed);
      }
    }
    const { deno, v8, target } = host.runtime;
    host.stdout.write(`tributary ${VERSION}\ndeno ${deno}\nv8 ${v8}\ntarget ${target}\n`);
    return Promise.resolve(EXIT.done);
  },
};
