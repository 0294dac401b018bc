import { concatBytes } from "../../support/concat_bytes.ts";
import { errorMessage } from "../../model/errors.ts";
import { redact } from "../../support/redact.ts";
import { sayAbsent, withLetters } from "../text/letters.ts";
import { EXIT, LAKE_SETTINGS, type Verb } from "../verb.ts";

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
      if (events.length === 0 && await letters.whyAbsent(choice) !== "no letters") {
        return await sayAbsent(context, chosen);
      }
      if (events.length === 0) {
        host.stderr.write(
          `tributary: There is no dead letter in record ${args[1]} of ${args[0]}; ` +
            "`tributary dead-letters list` shows those that are there\n",
        );
        return EXIT.failed;
      }
      if (typeof path === "string") {
        host.writeNewFile(path, concatBytes(events));
        return EXIT.done;
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
