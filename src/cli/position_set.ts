import { streamName } from "../model/stream.ts";
import { placeText } from "./place.ts";
import { parsePoint, POINT_FORMS, POINT_FORMS_SHORT } from "./point.ts";
import { type Report, withSurroundings } from "./surroundings.ts";
import { configOrExplain, EXIT, PLACE_SETTINGS, type Verb } from "./verb.ts";

/** `tributary position set`. */
export const positionSet: Verb = {
  name: "position set",
  summary: "Fix where a stream begins, or move it forward",
  example: "tributary position set shop.orders 2026-11-20 --config tributary.yaml",
  settings: "all",
  shownSettings: PLACE_SETTINGS,
  arguments: [
    { name: "<stream>", description: "database:shop, shop.orders, or its key" },
    { name: "<position>", description: POINT_FORMS_SHORT },
  ],
  options: [{
    flags: "--force",
    description: "skip what lies between, if the stream has begun",
  }],
  async run(context) {
    const { host, options, args } = context;
    const [stream = "", text = ""] = args;
    const point = parsePoint(text);
    if (point === undefined) {
      host.stderr.write(`tributary: "${text}" is no position; write ${POINT_FORMS}\n`);
      return EXIT.usage;
    }
    const loaded = configOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    return await withSurroundings(host, async (around) => {
      const moves = await around.app.operate(
        loaded.config,
        around,
        (operator) => operator.move(stream, point, options.has("force")),
      );
      for (const move of moves) host.stdout.write(textOf(move));
      return EXIT.done;
    });
  },
};

function textOf(move: Report<"move">): string {
  const { stream, isEnd } = move;
  const rest = isEnd === undefined
    ? ""
    : `${
      streamName(stream)
    } ends there, because it is divided anew or retired; what follows it is moved by itself\n`;
  return lineOf(move) + rest;
}

function lineOf({ stream, from, to, seq }: Report<"move">): string {
  const name = streamName(stream);
  if (from === undefined) return `${name} will begin at ${placeText(to)}\n`;
  if (seq === undefined) return `${name} stands at ${placeText(to)} already\n`;
  return `${name} moved from ${placeText(from)} to ${placeText(to)}; record ${seq} says so\n`;
}
