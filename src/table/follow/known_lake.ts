import type { NotedRefusals } from "./refusals.ts";
import { NO_STREAM_HOLES, type StreamHoles } from "./stream_holes.ts";
import type { StreamPlace } from "./stream_follower.ts";
import type { NotedStream, NotedTable, StoppedTable, TableHint } from "./table_hint.ts";
import { type KnownTable, NO_HOLES, type TableName } from "../table_log.ts";

/** What a follower knows of a lake. */
export interface KnownLake {
  readonly streams: ReadonlyMap<string, { readonly place: StreamPlace | undefined }>;
  readonly closed: ReadonlyMap<string, StreamPlace>;
  readonly holes: ReadonlyMap<string, StreamHoles>;
  readonly refusals: NotedRefusals;
  readonly tables: ReadonlyMap<string, {
    readonly name: TableName;
    readonly known?: KnownTable;
    readonly stopped?: StoppedTable;
    readonly streams: ReadonlySet<string>;
  }>;
  readonly drop: string | undefined;
}

/** The same as it is noted: without streams of which nothing was read yet. */
export function hintOf({ drop, refusals, ...lake }: KnownLake): TableHint {
  const streams: [string, NotedStream][] = [];
  for (const [key, { place }] of lake.streams) {
    if (place === undefined) continue;
    const { all, elsewhere } = lake.holes.get(key) ?? NO_STREAM_HOLES;
    const isElsewhere = Object.keys(elsewhere).length > 0;
    streams.push([key, { ...place, holes: all, ...(isElsewhere ? { elsewhere } : {}) }]);
  }
  for (const [key, place] of lake.closed) {
    streams.push([key, { ...place, closed: true, holes: NO_HOLES }]);
  }
  const tables = [...lake.tables].map(
    ([folder, { name, known, stopped, streams }]): [string, NotedTable] => [folder, {
      ...name,
      ...(known === undefined ? {} : { known }),
      ...(stopped === undefined ? {} : { stopped }),
      streams: [...streams].filter((key) => !lake.closed.has(key)),
    }],
  );
  return {
    ...{ streams: Object.fromEntries(streams), tables: Object.fromEntries(tables), refusals },
    ...(drop === undefined ? {} : { drop }),
  };
}
