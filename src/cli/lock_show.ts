import { nameOfKey } from "../model/stream_choice.ts";
import { formatSeconds } from "../support/units.ts";
import { FLEET_SETTINGS, isShared } from "./fleet_settings.ts";
import { withSurroundings } from "./surroundings.ts";
import { textTable } from "./text_table.ts";
import { EXIT, lakeConfigOrExplain, type Verb } from "./verb.ts";

/** `tributary lock show`. */
export const lockShow: Verb = {
  name: "lock show",
  summary: "Show who holds which lease, and for how long still",
  example: "tributary lock show --redis-url redis://cache:6379 --destination s3://lake/shop",
  settings: FLEET_SETTINGS,
  options: [{ flags: "--json", description: "print JSON" }],
  async run(context) {
    const { host, options } = context;
    const loaded = lakeConfigOrExplain(context);
    if (loaded === undefined || !isShared(loaded.config, host)) return EXIT.usage;
    return await withSurroundings(host, async (around) => {
      const leases = await around.app.meet(loaded.config, around, (meeting) => meeting.leases());
      if (options.has("json")) {
        const shown = leases.map(({ stream, leftMs, ...rest }) => ({
          key: stream,
          name: nameOfKey(stream),
          ...rest,
          leftMs: Number.isFinite(leftMs) ? leftMs : null,
        }));
        host.stdout.write(JSON.stringify(shown, null, 2) + "\n");
      } else if (leases.length === 0) {
        host.stdout.write("Nobody holds a lease.\n");
      } else {
        const rows = leases.map(({ stream, instance, generation, since, leftMs, owner }) => [
          ...[nameOfKey(stream), instance, String(generation), formatSeconds(leftMs), since, owner],
        ]);
        const head = ["LEASE", "INSTANCE", "GENERATION", "LEFT", "SINCE", "OWNER"];
        host.stdout.write(textTable([head, ...rows], [2, 3]));
      }
      return EXIT.done;
    });
  },
};
