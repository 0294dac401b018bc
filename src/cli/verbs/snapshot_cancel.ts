import { cancelledKey } from "../../model/snapshot.ts";
import { FLEET_SETTINGS } from "../fleet_settings.ts";
import { tellInstances } from "../tell_instances.ts";
import { EXIT, lakeConfigOrExplain, type Verb } from "../verb.ts";
import { withSurroundings } from "../with_app.ts";

/** `tributary snapshot cancel`. */
export const snapshotCancel: Verb = {
  name: "snapshot cancel",
  summary: "Read no more of a snapshot, for good; the rows that are there stay",
  example: "tributary snapshot cancel shop.orders --destination s3://lake/shop",
  settings: FLEET_SETTINGS,
  arguments: [{ name: "<target>", description: "shop.orders, database:shop, or a snapshot's id" }],
  async run(context) {
    const { host, args: [word = ""] } = context;
    const loaded = lakeConfigOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    return await withSurroundings(host, async (around) => {
      const ids = await around.app.snapshots(loaded.config, around, (lake) => lake.cancel(word));
      const soon = await tellInstances(loaded.config, around, ids.map(cancelledKey));
      for (const id of ids) {
        host.stdout.write(
          `The snapshot ${id} is cancelled: instances at work close it ${soon}, others at ` +
            "their next start\n",
        );
      }
      return EXIT.done;
    });
  },
};
