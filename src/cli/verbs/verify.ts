import { destinationUrl } from "../../config/resolve/destination_target.ts";
import { redact } from "../../support/redact.ts";
import { nothingFound } from "../text/nothing_found.ts";
import type { App } from "../with_app.ts";
import { sinceOrExplain } from "../since_option.ts";
import { withSurroundings } from "../with_app.ts";
import { EXIT, LAKE_SETTINGS, lakeConfigOrExplain, type Verb, type VerbContext } from "../verb.ts";
import { acceptLosses } from "../verify_accept.ts";
import {
  countHoles,
  type LakeReport,
  reportJson,
  reportText,
  streamText,
} from "../text/verify_text.ts";

/** What `verify` was asked for. */
type Choice = Parameters<App["verify"]>[2];

/** `tributary verify`. */
export const verify: Verb = {
  name: "verify",
  summary: "Compare the lake with its journals and name every hole",
  example: "tributary verify --read --destination s3://lake/shop",
  moreExamples: [
    "tributary verify --orphans > keys.txt",
    'tributary verify --accept 42 --reason "loaded anew"',
  ],
  settings: [...LAKE_SETTINGS, "PIPELINE_NAME", "STATE_STORE", "REDIS_URL"],
  shownSettings: ["DESTINATION", "REDIS_URL"],
  options: [
    {
      flags: "--since <TIME>",
      description: "only what reaches past this time, 2026-11-20T17:00:00Z",
    },
    { flags: "--stream <NAME>", description: "one stream: database:shop, shop.orders, its key" },
    { flags: "--read", description: "read and decode every object, all of it" },
    {
      flags: "--orphans",
      description: "print the keys of objects that are in the way, one a line",
    },
    {
      flags: "--accept <SEQ>",
      description: "note in the lake that these losses are dealt with: 42,57",
    },
    { flags: "--reason <TEXT>", description: "with --accept: what was done about it" },
    { flags: "--json", description: "print JSON" },
  ],
  async run(context) {
    const { host, options } = context;
    if (options.has("accept")) return await acceptLosses(context);
    const choice = readChoice(context);
    if (choice === undefined) return EXIT.usage;
    const loaded = lakeConfigOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    const { config } = loaded;
    const isOrphans = options.has("orphans");
    const isText = !isOrphans && !options.has("json");
    return await withSurroundings(host, async (around) => {
      const report = await around.app.verify(config, around, choice, {
        verified: (each) => {
          if (isText) host.stdout.write(streamText(each));
        },
        orphan: ({ key, kind }) => {
          if (isOrphans && kind !== "foreign") host.stdout.write(`${key}\n`);
        },
      });
      for (const note of report.notes) host.stderr.write(`tributary: ${redact(note)}\n`);
      const holes = countHoles(report);
      if (report.streams.length === 0 && holes === 0) {
        const name = report.streamsInLake === 0 ? undefined : choice.stream;
        host.stderr.write(
          nothingFound(config.journal ?? config.destination, name, "tributary position show"),
        );
        return EXIT.failed;
      }
      if (isOrphans) return endOfOrphans(context, report);
      const url = destinationUrl(config.destination);
      host.stdout.write(isText ? reportText(report) : reportJson(report, url));
      return holes === 0 ? EXIT.done : EXIT.failed;
    });
  },
};

/** The verb's own options; undefined, with a word on standard error, where they cannot be followed. */
function readChoice({ host, options }: VerbContext): Choice | undefined {
  const since = sinceOrExplain({ host, options });
  if (since === undefined) return undefined;
  const other = ["read", "json", "since"].find((name) => options.has(name));
  if (options.has("orphans") && other !== undefined) {
    host.stderr.write(
      `tributary: --orphans prints keys of the whole lake and nothing else; leave --${other} out\n`,
    );
    return undefined;
  }
  if (options.has("reason")) {
    host.stderr.write("tributary: --reason goes with --accept SEQ, and alone says nothing\n");
    return undefined;
  }
  const stream = options.get("stream");
  return {
    ...(typeof stream === "string" ? { stream } : {}),
    ...since,
    depth: options.has("orphans") ? "named" : options.has("read") ? "everything" : "stored",
  };
}

/** Keys go to a program that moves them away; what must stay is said to people. */
function endOfOrphans({ host }: VerbContext, { orphansFound, foreignFound }: LakeReport) {
  if (foreignFound > 0) {
    const objects = foreignFound === 1 ? "object belongs" : "objects belong";
    host.stderr.write(
      `tributary: ${foreignFound} more ${objects} to a journal that is not there and may hold rows ` +
        "that are nowhere else, so they are not printed: `tributary verify` names them\n",
    );
  }
  return orphansFound === 0 ? EXIT.done : EXIT.failed;
}
