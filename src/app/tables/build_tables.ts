import type { LakeConfig } from "../../config/config.ts";
import { errorMessage } from "../../model/errors.ts";
import { parseRangeKey } from "../../model/snapshot.ts";
import type { TableFormat } from "../../model/table_format.ts";
import { parseStreamKey, type Stream, targetsOverlap } from "../../model/stream.ts";
import type { Failure } from "../../table/follow/followed_tables.ts";
import { LakeFollower, type LakeFollowerParts } from "../../table/follow/lake_follower.ts";
import { isSameName, type TableName } from "../../table/table_log.ts";
import type { Places } from "../adapters.ts";
import type { Command } from "../commands.ts";
import { followedLake } from "./followed_lake.ts";
import { openFormats } from "./formats.ts";
import type { OpenFormat } from "./open_format.ts";
import { withPlaces } from "./with_places.ts";

/** What became of one table, or of a collection that has none. */
export interface TableReport extends TableName {
  readonly format: TableFormat;
  /** Where it lies, as a URL; absent where there is none. */
  readonly url?: string;
  readonly version?: number;
  /** Why it is not as it should be. */
  readonly fault?: string;
}

/** What a build has done. */
export interface BuildReport {
  readonly tables: readonly TableReport[];
  /** Journals that could not be followed, and why. */
  readonly streamFaults: ReadonlyMap<string, string>;
}

/** Brings tables to where the lake is, making those that are not there: of one collection, or of all. */
export function buildTables(
  config: LakeConfig,
  command: Command,
  only: TableName | undefined,
): Promise<BuildReport> {
  return withPlaces(config, command, async (places) => {
    const reports: BuildReport[] = [];
    for (const open of openFormats(config, command, places)) {
      const followed = await followThrough(places, open, only, command.signal);
      const elsewhere = followed.failures.find(({ table }) => table === undefined);
      if (elsewhere !== undefined) throw elsewhere.error;
      reports.push(reportOf(followed, places, only, open.format));
    }
    return {
      tables: reports.flatMap(({ tables }) => tables),
      streamFaults: new Map(reports.flatMap(({ streamFaults }) => [...streamFaults])),
    };
  });
}

/** Follows a lake until tables of one format have all that can be in them, or something is not answered. */
export async function followThrough(
  places: Places,
  format: OpenFormat,
  only: TableName | undefined,
  signal: AbortSignal,
): Promise<Followed> {
  const follower = new LakeFollower(forOnly(followerParts(places, format), only));
  for (;;) {
    const { isComplete, failures } = await follower.attempt(signal);
    if (isComplete || failures.length > 0) return { follower, failures };
  }
}

export interface Followed {
  readonly follower: LakeFollower;
  readonly failures: readonly Failure[];
}

/** What following a lake needs, in the place that the settings name, for tables of one format. */
export function followerParts(places: Places, format: OpenFormat): LakeFollowerParts {
  return {
    ...followedLake(places),
    openLog: (folder, name) => format.openLog(folder, name),
  };
}

/** The same for one collection; undefined: for all. */
export function forOnly(parts: LakeFollowerParts, only: TableName | undefined): LakeFollowerParts {
  if (only === undefined) return parts;
  return {
    ...parts,
    streams: async () => (await parts.streams()).filter((key) => mayHave(key, only)),
    isWanted: (name) => isSameName(name, only),
  };
}

/** Whether a journal may have events of a collection: also where its key holds a shortened name. */
function mayHave(key: string, { database, collection }: TableName): boolean {
  const stream = parseStreamKey(key) ?? parseRangeKey(key)?.stream;
  const target: Stream = { level: "collection", database, collection };
  return stream === undefined || targetsOverlap(stream, target);
}

function reportOf(
  { follower, failures }: Followed,
  { destination }: Places,
  only: TableName | undefined,
  format: TableFormat,
): BuildReport {
  const refused = [...follower.refusals].map(([name, fault]) => {
    const [database = "", ...rest] = name.split(".");
    return { database, collection: rest.join("."), format, fault };
  });
  const unanswered = new Map(
    failures.map(({ table, error }) => [table?.folder, errorMessage(error)]),
  );
  const tables = [
    ...follower.tables.map(({ folder, name, version, fault = unanswered.get(folder) }) => ({
      ...name,
      format,
      url: `${destination.url}/${folder}/`,
      ...(version === undefined ? {} : { version }),
      ...(fault === undefined ? {} : { fault }),
    })),
    ...refused.filter((name) => only === undefined || isSameName(name, only)),
  ];
  return { tables, streamFaults: follower.streamFaults };
}
