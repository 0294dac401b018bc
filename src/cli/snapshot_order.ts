import type { LakeConfig } from "../config/config.ts";
import { snapshotKey } from "../model/snapshot.ts";
import { streamName } from "../model/stream.ts";
import { parseTarget } from "../model/stream_choice.ts";
import { FLEET_SETTINGS } from "./fleet_settings.ts";
import { URL_OPTION } from "./instance/instance_request.ts";
import { whereToAsk } from "./instance/where_to_ask.ts";
import { askInstance } from "./stream_order.ts";
import { EXIT, type ExitCode, HTTP_VERB_SETTINGS, type Verb, type VerbContext } from "./verb.ts";
import { withSurroundings } from "./with_app.ts";

/** A verb that gives an order for a whole snapshot; `done` is said when it was taken. */
interface SnapshotOrder {
  readonly name: "pause" | "resume";
  readonly summary: string;
  readonly done: string;
}

/** As `streamOrder`: what is ordered is kept where the instances meet, or given to one of them. */
export function snapshotOrder(order: SnapshotOrder): Verb {
  const { name, summary } = order;
  return {
    name: `snapshot ${name}`,
    summary,
    example: `tributary snapshot ${name} shop.orders --config tributary.yaml`,
    options: [URL_OPTION],
    settings: [...FLEET_SETTINGS, ...HTTP_VERB_SETTINGS],
    arguments: [{
      name: "<target>",
      description: "shop.orders, database:shop, or a snapshot's id",
    }],
    async run(context) {
      const where = whereToAsk(context, "order");
      if (typeof where === "number") return where;
      return where.kind === "meeting"
        ? await leaveOrder(order, context, where.config)
        : await askInstance(order, context, snapshotWord(context.args[0]!));
    },
  };
}

async function leaveOrder(
  { name, done }: SnapshotOrder,
  { host, args: [word = ""] }: VerbContext,
  config: LakeConfig,
): Promise<ExitCode> {
  return await withSurroundings(host, async (around) => {
    const ids = await around.app.snapshots(config, around, (lake) => lake.unfinished(word));
    return await around.app.meet(config, around, async ({ orders }) => {
      for (const id of ids) {
        await orders[name](snapshotKey(id));
        host.stdout.write(`The snapshot ${id} ${done}\n`);
      }
      return EXIT.done;
    });
  });
}

/** How an instance is told of the snapshot of a target. */
function snapshotWord(word: string): string {
  if (/^(collection|database)\..+\.[a-z]+(-\d+)*$/.test(word)) return snapshotKey(word);
  const target = parseTarget(word);
  if (target !== undefined) return `snapshot:${streamName(target).replace(/^collection:/, "")}`;
  return word.startsWith("snapshot:") ? word : snapshotKey(word);
}
