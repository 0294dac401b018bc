import type { LakeConfig } from "../config/config.ts";
import { parseTarget } from "../model/stream_choice.ts";
import type { Host } from "./host.ts";
import { EXIT, type ExitCode, lakeConfigOrExplain, type VerbContext } from "./verb.ts";
import { type Surroundings, withSurroundings } from "./with_app.ts";

/** One collection, or all of them. */
export type TableChoice = "all" | { readonly database: string; readonly collection: string };

export const TABLE_ARGUMENT = {
  name: "<collection>",
  description: "shop.orders, or all",
};

/** What a verb's argument names; undefined, with a word on standard error, where it is no collection. */
export function tableOrExplain(host: Host, word: string): TableChoice | undefined {
  if (word === "all") return "all";
  const stream = parseTarget(word);
  if (stream?.level === "collection") {
    const { database, collection } = stream;
    return { database, collection };
  }
  host.stderr.write(
    `tributary: "${word}" is no collection: write it as shop.orders, or write all\n`,
  );
  return undefined;
}

/** Does something to the tables of the collection that a verb's argument names, or of all (undefined). What is wrong with it or with settings is said. */
export async function withTableChoice(
  context: VerbContext,
  work: (
    around: Surroundings,
    config: LakeConfig,
    only: Exclude<TableChoice, "all"> | undefined,
  ) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { host, args } = context;
  const choice = tableOrExplain(host, args[0]!);
  const loaded = choice && lakeConfigOrExplain(context);
  if (choice === undefined || loaded === undefined) return EXIT.usage;
  const only = choice === "all" ? undefined : choice;
  return await withSurroundings(host, (around) => work(around, loaded.config, only));
}
