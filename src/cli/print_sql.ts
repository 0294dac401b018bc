import { destinationUrl } from "../config/resolve/destination_target.ts";
import { fileExtension } from "../model/format.ts";
import { parseStreamKey, type Stream, targetKey, wholeTarget } from "../model/stream.ts";
import { latestStateSql, SQL_DIALECTS, type SqlDialect } from "./text/latest_state_sql.ts";
import { lostHistoryConditions } from "./text/lost_history_sql.ts";
import { nothingFound } from "./text/nothing_found.ts";
import { EXIT, type ExitCode, lakeConfigOrExplain, type VerbContext } from "./verb.ts";
import { withSurroundings } from "./with_app.ts";

/** Stands for the collections of a stream that has many. */
const ANY = { database: "DATABASE", collection: "COLLECTION" };

/** Also where no history was lost: then each document has such a row. */
const GONE = "-- A document without a row behind the beginning of a complete snapshot is gone\n";

/** Prints the query for the latest state of what a lake has streams of. `dialect` is what the person wrote. */
export async function printSql(context: VerbContext, dialect: string): Promise<ExitCode> {
  const { host } = context;
  if (!isDialect(dialect)) {
    const known = SQL_DIALECTS.join(", ");
    host.stderr.write(`tributary: There is no SQL of "${dialect}" here; there are ${known}\n`);
    return EXIT.usage;
  }
  const loaded = lakeConfigOrExplain(context);
  if (loaded === undefined) return EXIT.usage;
  const { config } = loaded;
  const { format } = config.encoding;
  if (format !== "parquet" && format !== "jsonl") {
    host.stderr.write(
      `tributary: There is no query for FORMAT=${format} here; docs/querying.md has the rule\n`,
    );
    return EXIT.usage;
  }
  return await withSurroundings(host, async (around) => {
    const positions = await around.app.look(config, around, (lake) => lake.positions());
    const streams = positions.flatMap(({ key }) => parseStreamKey(key) ?? []);
    const targets = new Map(streams.map((each) => [targetKey(each), wholeTarget(each)]));
    if (targets.size === 0) {
      const place = config.journal ?? config.destination;
      host.stderr.write(nothingFound(place, undefined, "tributary position show"));
      return EXIT.failed;
    }
    const lake = {
      ...{ url: destinationUrl(config.destination).replace(/\/$/, ""), format },
      extension: `.${fileExtension(config.encoding).replace(/^\./, "")}`,
    };
    const ends = await around.app.snapshots(config, around, (each) => each.ends());
    const queries = [...targets.values()].map((each) => {
      const conditions = lostHistoryConditions(ends, each);
      return introduction(each) + (conditions.length === 0 ? "" : GONE) +
        latestStateSql(dialect, { ...lake, ...ANY, ...each }, conditions);
    });
    host.stdout.write(queries.join("\n"));
    return EXIT.done;
  });
}

function isDialect(word: string): word is SqlDialect {
  return (SQL_DIALECTS as readonly string[]).includes(word);
}

function introduction(target: Stream): string {
  switch (target.level) {
    case "collection":
      return `-- The latest state of ${target.database}.${target.collection}\n`;
    case "database":
      return `-- The latest state of a collection of ${target.database}: write its name for COLLECTION\n`;
    case "deployment":
      return "-- The latest state of a collection: write its names for DATABASE and COLLECTION\n";
  }
}
