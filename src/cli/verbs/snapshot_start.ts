import { snapshotKey } from "../../model/snapshot.ts";
import { tellInstances } from "../tell_instances.ts";
import { withSurroundings } from "../with_app.ts";
import { configOrExplain, EXIT, PLACE_SETTINGS, type Verb } from "../verb.ts";

/** `tributary snapshot start`. */
export const snapshotStart: Verb = {
  name: "snapshot start",
  summary: "Read all documents that are there once, beside the stream",
  example: "tributary snapshot start shop.orders --config tributary.yaml",
  settings: "all",
  shownSettings: PLACE_SETTINGS,
  arguments: [{ name: "<target>", description: "shop.orders, or database:shop" }],
  options: [{
    flags: "--where <JSON>",
    description: 'only those that fit: {"open": true}',
  }],
  async run(context) {
    const { host, args: [word = ""], options } = context;
    const loaded = configOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    const where = options.get("where");
    return await withSurroundings(host, async (around) => {
      const { id, name, collections, documents } = await around.app.askSnapshot(
        loaded.config,
        around,
        word,
        typeof where === "string" ? where : undefined,
      );
      const many = collections === 1 ? "" : ` in ${collections} collections`;
      const soon = await tellInstances(loaded.config, around, [snapshotKey(id)]);
      const fit = where === undefined ? "" : ", of which those are read that fit the filter";
      host.stdout.write(
        `The snapshot ${id} of ${name} is due: about ${
          documents.toLocaleString("en-US")
        } documents${many}${fit}. Instances at work begin ${soon}, others at their ` +
          "next start; `tributary snapshot status` shows how far it is\n",
      );
      return EXIT.done;
    });
  },
};
