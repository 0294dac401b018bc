import { chooseStreamKeys, nameOfKey } from "../../model/stream_choice.ts";
import { FLEET_SETTINGS, isShared } from "../fleet_settings.ts";
import { withSurroundings } from "../with_app.ts";
import { EXIT, lakeConfigOrExplain, type Verb } from "../verb.ts";

/** `tributary lock release`. */
export const lockRelease: Verb = {
  name: "lock release",
  summary: "End a lease whoever holds it; its holder stops as soon as it looks",
  example: "tributary lock release collection:shop.orders --redis-url redis://cache:6379 " +
    "--destination s3://lake/shop",
  settings: FLEET_SETTINGS,
  arguments: [{ name: "<key>", description: "the lease as `lock show` names it, or its key" }],
  async run(context) {
    const { host, args: [word = ""] } = context;
    const loaded = lakeConfigOrExplain(context);
    if (loaded === undefined || !isShared(loaded.config, host)) return EXIT.usage;
    return await withSurroundings(
      host,
      (around) =>
        around.app.meet(loaded.config, around, async (meeting) => {
          const leases = await meeting.leases();
          const chosen = chooseStreamKeys(leases.map(({ stream }) => stream), word);
          if (chosen.length > 1) {
            const names = chosen.map(nameOfKey).join(", ");
            host.stderr.write(`tributary: "${word}" is several leases, name one: ${names}\n`);
            return EXIT.usage;
          }
          const [key] = chosen;
          if (key === undefined || !await meeting.release(key)) {
            host.stderr.write(`tributary: Nobody holds the lease "${word}"\n`);
            return EXIT.failed;
          }
          const holder = leases.find(({ stream }) => stream === key)?.instance;
          host.stdout.write(`Released ${nameOfKey(key)}, which ${holder} held.\n`);
          return EXIT.done;
        }),
    );
  },
};
