import { streamName } from "../model/stream.ts";
import { placeText } from "./place.ts";
import { parsePoint, POINT_FORMS, POINT_FORMS_SHORT } from "./point.ts";
import { type Report, withSurroundings } from "./surroundings.ts";
import { configOrExplain, EXIT, PLACE_SETTINGS, type Verb } from "./verb.ts";

/** `tributary position adopt`. */
export const positionAdopt: Verb = {
  name: "position adopt",
  summary: "Accept that a stream's journal is lost, or that another server gives its events",
  example: "tributary position adopt database:shop --config tributary.yaml",
  settings: "all",
  shownSettings: PLACE_SETTINGS,
  arguments: [{ name: "<stream>", description: "database:shop, shop.orders, or its key" }],
  options: [{ flags: "--at <POSITION>", description: POINT_FORMS_SHORT }],
  async run(context) {
    const { host, options, args } = context;
    const at = options.get("at");
    const point = typeof at === "string" ? parsePoint(at) : undefined;
    if (at !== undefined && point === undefined) {
      host.stderr.write(`tributary: "${at}" is no position; write ${POINT_FORMS}\n`);
      return EXIT.usage;
    }
    const loaded = configOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    return await withSurroundings(host, async (around) => {
      const adoptions = await around.app.operate(
        loaded.config,
        around,
        (operator) => operator.adopt(args[0] ?? "", point),
      );
      for (const adoption of adoptions) host.stdout.write(textOf(adoption));
      return EXIT.done;
    });
  },
};

function textOf(adoption: Report<"adopt">): string {
  const name = streamName(adoption.stream);
  const place = placeText(adoption.at);
  if (adoption.what === "lost-journal") {
    return `${name} has a new journal from ${place} on; events that the lost one brought after ` +
      "that come again, under other keys\n";
  }
  if (adoption.what === "lost-records") {
    return `${name} goes on at ${place}; ${adoption.records} records of its journal were gone and ` +
      "are filled in, `tributary verify` names the gap\n";
  }
  const lost = adoption.objectsGivenUp === 0
    ? ""
    : `; ${adoption.objectsGivenUp} objects could not be made any more, \`tributary verify\` ` +
      "names them";
  return `${name} goes on at ${place}, from this server${lost}\n`;
}
