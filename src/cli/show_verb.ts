import { nothingFound } from "./text/nothing_found.ts";
import { EXIT, LAKE_SETTINGS, lakeConfigOrExplain, type Verb } from "./verb.ts";
import { type LakeView, withSurroundings } from "./with_app.ts";

/** What such a verb has of its own. */
export interface ShowVerb<R> {
  readonly name: string;
  readonly summary: string;
  /** The one argument, which may be left out. */
  readonly argument: { readonly name: string; readonly description: string };
  /** What is shown; of all where no word is given. */
  readonly list: (lake: LakeView, word: string | undefined) => Promise<readonly R[]>;
  readonly textOf: (report: R) => string;
  readonly jsonOf: (report: R) => unknown;
}

/** A verb that prints a list of what the lake's journals say, and fails where it is empty. */
export function showVerb<R>(own: ShowVerb<R>): Verb {
  const { name, summary, argument, list, textOf, jsonOf } = own;
  return {
    name,
    summary,
    example: `tributary ${name} shop.orders --destination s3://lake/shop`,
    settings: LAKE_SETTINGS,
    arguments: [argument],
    options: [{ flags: "--json", description: "print JSON" }],
    async run(context) {
      const { host, options, args } = context;
      const loaded = lakeConfigOrExplain(context);
      if (loaded === undefined) return EXIT.usage;
      return await withSurroundings(host, async (around) => {
        const reports = await around.app.look(loaded.config, around, (lake) => list(lake, args[0]));
        if (options.has("json")) {
          host.stdout.write(JSON.stringify(reports.map(jsonOf), null, 2) + "\n");
        } else host.stdout.write(reports.map(textOf).join(""));
        if (reports.length > 0) return EXIT.done;
        host.stderr.write(
          nothingFound(
            loaded.config.journal ?? loaded.config.destination,
            args[0],
            `tributary ${name}`,
          ),
        );
        return EXIT.failed;
      });
    },
  };
}
