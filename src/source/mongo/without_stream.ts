import type { MongoClient } from "mongodb";
import type { NamespaceFilter } from "../../model/settings.ts";
import type { Finding } from "../../support/check_result.ts";
import { isNamespaceWanted } from "../../model/namespace_filter.ts";
import { signalOption } from "./server_facts.ts";

/** What looks like a collection and has no change events. */
export interface WithoutStream {
  readonly database: string;
  readonly collection: string;
  readonly kind: "view" | "time series";
}

/** Names shown at most; the rest is counted. */
const SHOWN_MAX = 5;

/** The views and time series of these databases that a filter wants, by name. */
export async function listWithoutStream(
  client: MongoClient,
  filter: NamespaceFilter,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<WithoutStream[]> {
  const lists = await Promise.all(databases.map(async (database) => {
    const filter = { type: { $in: ["view", "timeseries"] } };
    const command = { listCollections: 1, filter, authorizedCollections: true, nameOnly: true };
    const options = { readPreference: client.readPreference, ...signalOption(signal) };
    const found = await client.db(database).runCursorCommand(command, options).toArray();
    return found.map((info): WithoutStream => ({
      database,
      collection: info["name"],
      kind: info["type"] === "view" ? "view" : "time series",
    }));
  }));
  return lists.flat()
    .filter(({ collection }) => !collection.startsWith("system."))
    .filter(({ database, collection }) => isNamespaceWanted(filter, `${database}.${collection}`))
    .sort((a, b) => nameOf(a) < nameOf(b) ? -1 : 1);
}

/** Those that the settings name, and those that a pattern or a whole database brings. */
export function splitNamed(
  found: readonly WithoutStream[],
  filter: NamespaceFilter,
): { readonly named: readonly WithoutStream[]; readonly others: readonly WithoutStream[] } {
  const isNamed = (each: WithoutStream) => filter.include.includes(nameOf(each));
  return { named: found.filter(isNamed), others: found.filter((each) => !isNamed(each)) };
}

/** Why the settings may not name it, and what to do. */
export function refusalOf(each: WithoutStream): string {
  return each.kind === "view"
    ? `${nameOf(each)} is a view, which has no change events of its own: ` +
      "name the collections it reads from in MONGODB_COLLECTIONS"
    : `${nameOf(each)} holds a time series, for which MongoDB has no change events: ` +
      "take it out of MONGODB_COLLECTIONS";
}

/** What `tributary check` says of them. */
export function judgeWithoutStream(
  { named, others }: ReturnType<typeof splitNamed>,
): Finding[] {
  const subject = "Change streams";
  const failed = named.map((each): Finding => ({
    subject,
    state: "failed",
    text: refusalOf(each),
  }));
  if (others.length === 0) return failed;
  const shown = others.slice(0, SHOWN_MAX).map(describeWithoutStream).join(", ");
  const more = others.length > SHOWN_MAX ? ` and ${others.length - SHOWN_MAX} more` : "";
  const text = `${shown}${more} have no change events and are left out`;
  return [...failed, { subject, state: "warning", text }];
}

/** As people are told of it. */
export function describeWithoutStream(each: WithoutStream): string {
  return `${nameOf(each)} (${each.kind})`;
}

function nameOf({ database, collection }: WithoutStream): string {
  return `${database}.${collection}`;
}
