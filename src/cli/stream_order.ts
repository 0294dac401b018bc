import type { LakeConfig } from "../config/config.ts";
import { chooseStreamKeys, nameOfKey } from "../model/stream_choice.ts";
import { FLEET_SETTINGS } from "./fleet_settings.ts";
import {
  explainAnswer,
  explainUnreachable,
  instanceOrExplain,
  postOrder,
  URL_OPTION,
} from "./instance/instance_request.ts";
import { withSurroundings } from "./with_app.ts";
import { EXIT, type ExitCode, HTTP_VERB_SETTINGS, type Verb, type VerbContext } from "./verb.ts";
import { whereToAsk } from "./instance/where_to_ask.ts";

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
    options: [URL_OPTION],
    settings: [...FLEET_SETTINGS, ...HTTP_VERB_SETTINGS],
    arguments: [{ name: "<stream>", description: "as status names it: collection:shop.orders" }],
    async run(context) {
      const where = whereToAsk(context, "order");
      if (typeof where === "number") return where;
      return where.kind === "meeting"
        ? await leaveOrder(order, context, where.config)
        : await askInstance(order, context, context.args[0]!);
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

/** Gives one instance an order for what it calls `word`. */
export async function askInstance(
  { name, done }: Pick<StreamOrder, "name" | "done">,
  context: VerbContext,
  word: string,
): Promise<ExitCode> {
  const { host } = context;
  const instance = instanceOrExplain(context);
  if (typeof instance === "number") return instance;
  if (instance.token === undefined) {
    host.stderr.write(
      "HTTP_TOKEN is not set: instances take orders with it. Where they share Redis, set REDIS_URL and DESTINATION.\n",
    );
    return EXIT.usage;
  }
  try {
    const path = `/streams/${encodeURIComponent(word)}/${name}`;
    const answer = await postOrder(instance, path);
    if (answer.status === 200) {
      host.stdout.write(`${word} ${done}\n`);
      return EXIT.done;
    }
    // What the instance refuses it explains itself.
    if (answer.status !== 401) host.stderr.write(`${answer.text.trim()}\n`);
    else {
      const { code, said } = explainAnswer(instance, answer);
      host.stderr.write(said);
      return code;
    }
  } catch (error) {
    host.stderr.write(explainUnreachable(instance, error));
  }
  return EXIT.failed;
}
