import type { LakeConfig } from "../config/config.ts";
import { formatFaults } from "../config/fault.ts";
import { chooseStreamKeys, nameOfKey } from "../model/stream_choice.ts";
import { FLEET_SETTINGS } from "./fleet_settings.ts";
import { explainUnreachable, instanceOrExplain, postOrder } from "./instance_request.ts";
import { withSurroundings } from "./surroundings.ts";
import { EXIT, type ExitCode, HTTP_VERB_SETTINGS, type Verb, type VerbContext } from "./verb.ts";

/** A verb that gives an order for a stream; `done` is said when it was taken. */
interface StreamOrder {
  readonly name: "pause" | "resume" | "flush";
  readonly summary: string;
  readonly done: string;
}

/**
 * A verb that gives an order for a stream: left where the instances meet, for whoever runs it; else, or with `--url`,
 * given to an instance.
 */
export function streamOrder(order: StreamOrder): Verb {
  const { name, summary } = order;
  return {
    name,
    summary,
    example: `tributary ${name} collection:shop.orders`,
    options: [{
      flags: "--url <URL>",
      description: "the instance to ask; else by Redis or HTTP_ADDRESS",
    }],
    settings: [...FLEET_SETTINGS, ...HTTP_VERB_SETTINGS],
    arguments: [{ name: "<stream>", description: "as status names it: collection:shop.orders" }],
    async run(context) {
      const { host, options } = context;
      if (options.has("url")) return await askInstance(order, context);
      const lake = context.loadLakeConfig();
      // Who names no destination means the instance on this machine.
      if (!lake.ok && lake.faults.some(({ setting }) => setting !== "DESTINATION")) {
        host.stderr.write(formatFaults(lake.faults));
        return EXIT.usage;
      }
      return lake.ok && lake.config.lock.kind !== "memory"
        ? await leaveOrder(order, context, lake.config)
        : await askInstance(order, context);
    },
  };
}

async function leaveOrder(
  { name, done }: StreamOrder,
  { host, args: [word = ""] }: VerbContext,
  config: LakeConfig,
): Promise<ExitCode> {
  return await withSurroundings(
    host,
    (around) =>
      around.app.meet(config, around, async (meeting) => {
        const { streams } = await meeting.view();
        const keys = chooseStreamKeys(streams.map(({ key }) => key), word);
        if (keys.length === 0) {
          const names = streams.map((stream) => stream.name).join(", ") || "none";
          host.stderr.write(`tributary: There is no stream "${word}". There are: ${names}\n`);
          return EXIT.failed;
        }
        const free = streams.find(({ key, owner }) => keys.includes(key) && owner === undefined);
        if (name === "flush" && free !== undefined) {
          host.stderr.write(
            `tributary: Nobody reads ${free.name} now: there is nothing to store.\n`,
          );
          return EXIT.failed;
        }
        for (const key of keys) {
          await meeting.orders[name](key);
          host.stdout.write(`${nameOfKey(key)} ${done}\n`);
        }
        return EXIT.done;
      }),
  );
}

async function askInstance(
  { name, done }: StreamOrder,
  context: VerbContext,
): Promise<ExitCode> {
  const { host, args } = context;
  const instance = instanceOrExplain(context);
  if (typeof instance === "number") return instance;
  if (instance.token === undefined) {
    host.stderr.write(
      "HTTP_TOKEN is not set: instances take orders with it. Where they share Redis, set REDIS_URL and DESTINATION.\n",
    );
    return EXIT.usage;
  }
  try {
    const path = `/streams/${encodeURIComponent(args[0]!)}/${name}`;
    const { status, text } = await postOrder(instance, path);
    if (status === 200) {
      host.stdout.write(`${args[0]} ${done}\n`);
      return EXIT.done;
    }
    host.stderr.write(`${text.trim()}\n`);
  } catch (error) {
    host.stderr.write(explainUnreachable(instance, error));
  }
  return EXIT.failed;
}
