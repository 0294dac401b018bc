import { nothingFound } from "../text/nothing_found.ts";
import { placeJson, placeText } from "../place.ts";
import { type Report, withSurroundings } from "../with_app.ts";
import { EXIT, LAKE_SETTINGS, lakeConfigOrExplain, type Verb } from "../verb.ts";

type PositionReport = Report<"positions">;

/** `tributary position show`. */
export const positionShow: Verb = {
  name: "position show",
  summary: "Show where streams stand",
  example: "tributary position show shop.orders --destination s3://lake/shop",
  settings: LAKE_SETTINGS,
  arguments: [{ name: "[stream]", description: "database:shop, shop.orders, or its key" }],
  options: [{ flags: "--json", description: "print JSON" }],
  async run(context) {
    const { host, options, args } = context;
    const loaded = lakeConfigOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    return await withSurroundings(host, async (around) => {
      const reports = await around.app.look(
        loaded.config,
        around,
        (lake) => lake.positions(args[0]),
      );
      if (options.has("json")) {
        host.stdout.write(JSON.stringify(reports.map(jsonOf), null, 2) + "\n");
      } else host.stdout.write(reports.map(textOf).join(""));
      if (reports.length > 0) return EXIT.done;
      host.stderr.write(
        nothingFound(
          loaded.config.journal ?? loaded.config.destination,
          args[0],
          "tributary position show",
        ),
      );
      return EXIT.failed;
    });
  },
};

function textOf({ stream, state, position, record }: PositionReport): string {
  const lines = [`${stream}${STATES[state]}`];
  if (position !== undefined) {
    lines.push(`  position  ${placeText(position)}`);
    if (position.data !== "") lines.push(`  token     ${position.data}`);
  }
  if (record !== undefined) {
    const { seq, kind, storedThrough, writtenAt, owner } = record;
    lines.push(`  records   ${seq + 1}, the last is ${kind}; ${storedText(seq, storedThrough)}`);
    lines.push(`  written   ${writtenAt} by ${owner}`);
  }
  return lines.join("\n") + "\n";
}

function storedText(last: number, through: number): string {
  if (through >= last) return "all is stored";
  const first = through + 1;
  return first === last
    ? `objects of record ${last} are not stored`
    : `objects of records from ${first} to ${last} are not all stored`;
}

const STATES = {
  open: "",
  closed: ": closed, nothing follows",
  fixed: ": not begun, will begin here",
  lost:
    ": the first record of its journal is gone; restore it, or accept that with `tributary position adopt`",
} as const;

function jsonOf({ position, record, ...rest }: PositionReport) {
  return {
    ...rest,
    ...(position === undefined ? {} : { position: placeJson(position) }),
    ...record,
  };
}
