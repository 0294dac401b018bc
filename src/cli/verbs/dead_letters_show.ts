import { concatBytes } from "../../support/bytes/concat_bytes.ts";
import { errorMessage } from "../../model/errors.ts";
import { fileFaultCode } from "../../support/file_fault.ts";
import { redact } from "../../support/redact.ts";
import { sayAbsent, withLetters } from "../text/letters.ts";
import type { Host } from "../host.ts";
import { EXIT, type ExitCode, LAKE_SETTINGS, type Verb } from "../verb.ts";

/** `tributary dead-letters show`. */
export const deadLettersShow: Verb = {
  name: "dead-letters show",
  summary: "Print the dead letters of one record as Extended JSON",
  example: "tributary dead-letters show shop.orders 42 --destination s3://lake/shop",
  moreExamples: ["tributary dead-letters show shop.orders 42 --bson letters.bson"],
  settings: [...LAKE_SETTINGS, "JSON_MODE"],
  arguments: [
    { name: "<stream>", description: "database:shop, shop.orders, or its key" },
    { name: "<record>", description: "the number of the record, as `dead-letters list` shows it" },
  ],
  options: [
    { flags: "--bson <FILE>", description: "write them as they are to a new file, for bsondump" },
  ],
  async run(context) {
    const { host, options, args } = context;
    const path = options.get("bson");
    return await withLetters(context, async (chosen) => {
      const { letters, choice } = chosen;
      const events: Uint8Array[] = [];
      for await (const file of letters.list(choice)) {
        if (file.fault !== undefined) throw new Error(file.fault);
        events.push(...file.letters.map(({ event }) => event));
      }
      if (events.length === 0) {
        const absence = await letters.whyAbsent(choice);
        if (absence !== "no letters") return sayAbsent(context, chosen, absence);
        host.stderr.write(
          `tributary: There is no dead letter in record ${args[1]} of ${args[0]}; ` +
            "`tributary dead-letters list` shows those that are there\n",
        );
        return EXIT.failed;
      }
      if (typeof path === "string") {
        return writeEvents(host, path, concatBytes(events));
      }
      let damaged = 0;
      for (const [i, event] of events.entries()) {
        const json = letters.jsonOf(event);
        if (json instanceof Error) {
          damaged++;
          host.stderr.write(
            `tributary: Event ${i + 1} is damaged (${redact(errorMessage(json))}); ` +
              "--bson FILE writes it as it is\n",
          );
        } else host.stdout.write(`${json}\n`);
      }
      return damaged === 0 ? EXIT.done : EXIT.failed;
    });
  },
};

function writeEvents(host: Host, path: string, bytes: Uint8Array): ExitCode {
  try {
    host.writeNewFile(path, bytes);
    return EXIT.done;
  } catch (error) {
    const why = WHY_NOT_WRITTEN[fileFaultCode(error) ?? ""] ?? errorMessage(error);
    host.stderr.write(
      `tributary: Cannot write the dead letters to ${path}: ${why}; name a new file in a folder ` +
        "that you may write to\n",
    );
    return EXIT.failed;
  }
}

const WHY_NOT_WRITTEN: Readonly<Record<string, string>> = {
  EEXIST: "it exists already",
  ENOENT: "there is no such folder",
  ENOTDIR: "there is no such folder",
  EISDIR: "it is a folder",
  EACCES: "that is not permitted",
  EPERM: "that is not permitted",
  EROFS: "that is read-only",
};
