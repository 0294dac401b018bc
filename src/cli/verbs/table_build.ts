import { redact } from "../../support/redact.ts";
import { nameOfKey } from "../../model/stream_choice.ts";
import { TABLE_ARGUMENT, withTableChoice } from "../table_option.ts";
import { kindOf } from "../text/tables/table_kind.ts";
import { nothingFound } from "../text/nothing_found.ts";
import { CATALOG_SETTINGS, EXIT, LAKE_SETTINGS, type Verb } from "../verb.ts";

/** `tributary table build`. */
export const tableBuild: Verb = {
  name: "table build",
  summary: "Make tables over what is in the lake, or bring them to where it is",
  example: "tributary table build shop.orders --destination s3://lake/shop",
  moreExamples: ["tributary table build all --destination s3://lake/shop"],
  settings: [...LAKE_SETTINGS, "TABLES", "TABLE_WRITERS", ...CATALOG_SETTINGS],
  arguments: [TABLE_ARGUMENT],
  options: [{ flags: "--json", description: "print JSON" }],
  run(context) {
    const { host, args, options } = context;
    return withTableChoice(context, async (around, config, only) => {
      const { tables, streamFaults } = await around.app.buildTables(config, around, only);
      if (options.has("json")) {
        const faults = Object.fromEntries(streamFaults);
        host.stdout.write(JSON.stringify({ tables, streamFaults: faults }, null, 2) + "\n");
      } else {
        for (const { database, collection, format, url, version, fault } of tables) {
          const name = `${database}.${collection}`;
          if (fault === undefined) {
            host.stdout.write(`${name}: version ${version} of ${url}${kindOf(format)}\n`);
          } else host.stderr.write(`tributary: ${name}: ${redact(fault)}\n`);
        }
        for (const [key, fault] of streamFaults) {
          host.stderr.write(`tributary: ${nameOfKey(key)}: ${redact(fault)}\n`);
        }
      }
      const isWhole = streamFaults.size === 0 && tables.every(({ fault }) => fault === undefined);
      if (tables.length > 0) return isWhole ? EXIT.done : EXIT.failed;
      host.stderr.write(
        nothingFound(
          config.journal ?? config.destination,
          only && args[0],
          "tributary position show",
        ),
      );
      return EXIT.failed;
    });
  },
};
