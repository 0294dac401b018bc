import type { Watch } from "../config/config.ts";
import type { NamespaceFilter } from "../model/settings.ts";
import type { MongoSource } from "../source/mongo/mongo_source.ts";
import { splitNamed, type WithoutStream } from "../source/mongo/without_stream.ts";

/** What fits the settings and has no change events: what they name, and what a pattern or a whole database brings. */
export async function findWithoutStream(
  source: Pick<MongoSource, "listWithoutStream">,
  watch: Watch,
  signal: AbortSignal,
): Promise<ReturnType<typeof splitNamed>> {
  const databases = databasesOf(watch);
  const found: readonly WithoutStream[] = databases?.length === 0
    ? []
    : await source.listWithoutStream(watch.filter, databases, signal);
  return splitNamed(found, watch.filter);
}

/** Where to look; undefined: everywhere. */
function databasesOf(watch: Watch): readonly string[] | undefined {
  if (watch.level === "database") return [watch.database];
  return databasesNamed(watch.filter);
}

function databasesNamed({ include }: NamespaceFilter): readonly string[] | undefined {
  if (include.length === 0) return undefined;
  const names = include.map((pattern) => pattern.slice(0, pattern.indexOf(".")));
  return names.some((name) => name.includes("*")) ? undefined : [...new Set(names)];
}
