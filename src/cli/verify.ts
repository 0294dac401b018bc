import { destinationUrl } from "../config/destination_target.ts";
import { parseTime } from "../config/start_from.ts";
import { nameOfKey } from "../model/stream_choice.ts";
import { nothingFound } from "./nothing_found.ts";
import type { App } from "./surroundings.ts";
import { withSurroundings } from "./surroundings.ts";
import { EXIT, LAKE_SETTINGS, lakeConfigOrExplain, type Verb } from "./verb.ts";

type LakeReport = Awaited<ReturnType<App["verify"]>>;
type StreamReport = LakeReport["streams"][number];

/** `tributary verify`. */
export const verify: Verb = {
  name: "verify",
  summary: "Compare the lake with its journals and name every hole",
  example: "tributary verify --destination s3://lake/shop",
  settings: LAKE_SETTINGS,
  options: [
    {
      flags: "--since <TIME>",
      description: "only what reaches past this time, 2026-11-20T17:00:00Z",
    },
    { flags: "--stream <NAME>", description: "one stream: database:shop, shop.orders, its key" },
    { flags: "--json", description: "print JSON" },
  ],
  async run(context) {
    const { host, options } = context;
    const since = options.get("since");
    const sinceSeconds = typeof since === "string" ? parseTime(since) : undefined;
    if (since !== undefined && sinceSeconds === undefined) {
      host.stderr.write(
        `tributary: --since "${since}" is no time; write 2026-11-20 or 2026-11-20T17:00:00Z\n`,
      );
      return EXIT.usage;
    }
    const loaded = lakeConfigOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    const url = destinationUrl(loaded.config.destination);
    const stream = options.get("stream");
    const choice = {
      ...(typeof stream === "string" ? { stream } : {}),
      ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    };
    const isJson = options.has("json");
    return await withSurroundings(host, async (around) => {
      const report = await around.app.verify(loaded.config, around, choice, (each) => {
        if (!isJson) host.stdout.write(streamText(each));
      });
      if (report.streams.length === 0) {
        const name = report.streamsInLake === 0 ? undefined : choice.stream;
        const { destination } = loaded.config;
        host.stderr.write(nothingFound(destination, name, "tributary position show"));
        return EXIT.failed;
      }
      const holes = report.streams.reduce((sum, each) => sum + each.holes.length, 0);
      host.stdout.write(isJson ? jsonText(report, url) : summary(report, holes));
      return holes === 0 ? EXIT.done : EXIT.failed;
    });
  },
};

/** A line for the stream, and one for each of its holes. */
function streamText({ stream, records, objects, rows, deadLetters, holes }: StreamReport): string {
  const counts = [
    counted(records, "record"),
    counted(objects, "object"),
    counted(rows, "row"),
    ...(deadLetters === 0 ? [] : [counted(deadLetters, "dead letter")]),
  ];
  const verdict = holes.length === 0 ? "whole" : counted(holes.length, "hole");
  const lines = [`${nameOfKey(stream)}: ${verdict}; ${counts.join(", ")}`];
  for (const { seq, what } of holes) lines.push(`  hole in record ${seq}: ${what}`);
  return lines.join("\n") + "\n";
}

function summary({ streams }: LakeReport, holes: number): string {
  const total = (field: "objects" | "rows"): number =>
    streams.reduce((sum, each) => sum + each[field], 0);
  const counts = [
    counted(streams.length, "stream"),
    counted(total("objects"), "object"),
    counted(total("rows"), "row"),
  ].join(", ");
  return holes === 0
    ? `The lake is whole: ${counts}.\n`
    : `The lake has ${counted(holes, "hole")}: ${counts} as recorded.\n`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

function jsonText({ streams }: LakeReport, destination: string): string {
  const whole = streams.every(({ holes }) => holes.length === 0);
  const named = streams.map(({ stream, ...rest }) => ({
    stream: nameOfKey(stream),
    key: stream,
    ...rest,
  }));
  return JSON.stringify({ destination, whole, streams: named }, null, 2) + "\n";
}
