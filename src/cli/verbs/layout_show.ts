import { nothingFound } from "../text/nothing_found.ts";
import { placeJson, placeText } from "../place.ts";
import { type Report, withSurroundings } from "../with_app.ts";
import { EXIT, LAKE_SETTINGS, lakeConfigOrExplain, type Verb } from "../verb.ts";

type LayoutReport = Report<"layouts">;
type EpochReport = LayoutReport["epochs"][number];

/** `tributary layout show`. */
export const layoutShow: Verb = {
  name: "layout show",
  summary: "Show into how many streams collections are divided, since when",
  example: "tributary layout show shop.orders --destination s3://lake/shop",
  settings: LAKE_SETTINGS,
  arguments: [{ name: "[collection]", description: "shop.orders" }],
  options: [{ flags: "--json", description: "print JSON" }],
  async run(context) {
    const { host, options, args } = context;
    const loaded = lakeConfigOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    return await withSurroundings(host, async (around) => {
      const reports = await around.app.look(loaded.config, around, (lake) => lake.layouts(args[0]));
      if (options.has("json")) {
        host.stdout.write(JSON.stringify(reports.map(jsonOf), null, 2) + "\n");
      } else host.stdout.write(reports.map(textOf).join(""));
      if (reports.length > 0) return EXIT.done;
      host.stderr.write(
        nothingFound(
          loaded.config.journal ?? loaded.config.destination,
          args[0],
          "tributary layout show",
        ),
      );
      return EXIT.failed;
    });
  },
};

function textOf({ target, epochs, intended }: LayoutReport): string {
  const lines = [target, ...epochs.flatMap(epochLines)];
  if (intended !== undefined && epochs.at(-1)?.of !== intended) {
    lines.push(`  next: ${countText(intended)}, as soon as the place is fixed`);
  }
  return lines.join("\n") + "\n";
}

function epochLines({ epoch, of, barrier, streams }: EpochReport): string[] {
  const since = barrier === undefined ? "from its start" : `from ${placeText(barrier)}`;
  return [
    `  layout ${epoch}: ${countText(of)} ${since}`,
    ...streams.map(({ stream, state, position }) =>
      `    ${stream}: ${state === "open" ? "at" : "closed at"} ${placeText(position)}`
    ),
  ];
}

function countText(of: number): string {
  return of === 0 ? "retired" : of === 1 ? "1 stream" : `${of} streams`;
}

function jsonOf({ epochs, ...rest }: LayoutReport) {
  return {
    ...rest,
    epochs: epochs.map(({ barrier, streams, ...epoch }) => ({
      ...epoch,
      ...(barrier === undefined ? {} : { barrier: placeJson(barrier) }),
      streams: streams.map((each) => ({ ...each, position: placeJson(each.position) })),
    })),
  };
}
