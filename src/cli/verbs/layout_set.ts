import { parseTarget } from "../../model/stream_choice.ts";
import { streamName } from "../../model/stream.ts";
import { placeText } from "../place.ts";
import { withSurroundings } from "../with_app.ts";
import { configOrExplain, EXIT, PLACE_SETTINGS, type Verb } from "../verb.ts";

/** As many as `PARTITIONS` allows. */
const STREAMS_MAX = 256;

/** `tributary layout set`. */
export const layoutSet: Verb = {
  name: "layout set",
  summary: "Divide a collection into another number of streams",
  example: "tributary layout set shop.orders 4 --config tributary.yaml",
  settings: "all",
  shownSettings: PLACE_SETTINGS,
  arguments: [
    { name: "<collection>", description: "shop.orders" },
    { name: "<streams>", description: `1 to ${STREAMS_MAX}` },
  ],
  async run(context) {
    const { host, args } = context;
    const [word = "", text = ""] = args;
    const collection = parseTarget(word);
    const of = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (collection?.level !== "collection") {
      host.stderr.write(`tributary: "${word}" is no collection; write it as shop.orders\n`);
      return EXIT.usage;
    }
    if (of < 1 || of > STREAMS_MAX) {
      host.stderr.write(`tributary: "${text}" is no number of streams from 1 to ${STREAMS_MAX}\n`);
      return EXIT.usage;
    }
    const loaded = configOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    return await withSurroundings(host, async (around) => {
      const { barrier } = await around.app.operate(
        loaded.config,
        around,
        (operator) => operator.divide(collection, of),
      );
      host.stdout.write(
        `${streamName(collection)} is divided into ${of} streams from ${placeText(barrier)} on; ` +
          "instances at work follow by themselves, others at their next start\n",
      );
      return EXIT.done;
    });
  },
};
