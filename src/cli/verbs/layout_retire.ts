import { streamName } from "../../model/stream.ts";
import { placeText } from "../place.ts";
import { withSurroundings } from "../with_app.ts";
import { configOrExplain, EXIT, PLACE_SETTINGS, type Verb } from "../verb.ts";

/** `tributary layout retire`. */
export const layoutRetire: Verb = {
  name: "layout retire",
  summary: "End streams for good, so that one with more or less of the same events can follow",
  example: "tributary layout retire shop.orders shop.items --config tributary.yaml",
  settings: "all",
  shownSettings: PLACE_SETTINGS,
  arguments: [{ name: "<target...>", description: "database:shop, shop.orders; all end at once" }],
  async run(context) {
    const { host, args } = context;
    const loaded = configOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    return await withSurroundings(host, async (around) => {
      const { streams, isOnePlace, unread } = await around.app.operate(
        loaded.config,
        around,
        (operator) => operator.retire(args),
      );
      for (const { stream, at } of streams) {
        host.stdout.write(`${streamName(stream)} is closed at ${placeText(at)}\n`);
      }
      if (unread.length > 0) {
        host.stdout.write(
          `Not complete: ${unread.join(", ")}. A stream of the database or the deployment that ` +
            "begins now reads the rest; where none does, it stays unread.\n",
        );
      }
      if (isOnePlace) {
        host.stdout.write("A stream of these events that begins now goes on exactly there.\n");
        return EXIT.done;
      }
      host.stderr.write(
        "tributary: They ended at different places: no stream can bring exactly what follows all " +
          "of them\n",
      );
      return EXIT.failed;
    });
  },
};
