import { parseTarget } from "../model/stream_choice.ts";
import type { Host } from "./host.ts";

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
