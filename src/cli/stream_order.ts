import {
  explainUnreachable,
  INSTANCE_OPTIONS,
  instanceOrExplain,
  postOrder,
} from "./instance_request.ts";
import { EXIT, type Verb } from "./verb.ts";

/** A verb that gives an instance an order for one stream; `done` is said when it took it. */
export function streamOrder(
  { name, summary, done }: Pick<Verb, "name" | "summary"> & { readonly done: string },
): Verb {
  return {
    name,
    summary,
    example: `tributary ${name} collection:shop.orders`,
    ...INSTANCE_OPTIONS,
    arguments: [{ name: "<stream>", description: "as status names it: collection:shop.orders" }],
    async run(context) {
      const { host, args } = context;
      const instance = instanceOrExplain(context);
      if (typeof instance === "number") return instance;
      if (instance.token === undefined) {
        host.stderr.write("HTTP_TOKEN is not set: orders are taken with the instance's token.\n");
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
    },
  };
}
