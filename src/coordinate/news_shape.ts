import type { ClusterTime } from "../model/cluster_time.ts";
import { STREAM_CONDITIONS } from "../model/stream_condition.ts";
import { arrayOf, oneOf, openObjectOf, text, wholeNumber } from "../support/json_shape.ts";
import type {
  ErrorNews,
  InstanceNews,
  ObjectNews,
  OplogNews,
  RefusedSettings,
  ServiceNews,
  StreamNews,
  ToldNews,
} from "./news.ts";

const COUNT = wholeNumber(0);

const TIME = openObjectOf<ClusterTime>({ t: COUNT, i: COUNT });

const STREAM = openObjectOf<StreamNews>({
  key: text(),
  condition: oneOf(...STREAM_CONDITIONS),
  lagMs: COUNT,
  highWater: TIME,
  inLake: TIME,
  readEvents: COUNT,
  bufferedEvents: COUNT,
  lost: COUNT,
  alone: text(),
  lastObject: openObjectOf<ObjectNews>({ key: text(), rows: COUNT, bytes: COUNT, at: text() }),
  error: openObjectOf<ErrorNews>({ message: text(), at: text(), since: text() }, ["since"]),
}, ["lagMs", "highWater", "inLake", "lost", "alone", "lastObject", "error"]);

const SERVICE = openObjectOf<ServiceNews>({
  name: oneOf("mongodb", "redis", "destination"),
  since: text(),
  reason: text(),
  refuses: oneOf(true, false),
}, ["reason"]);

const OPLOG = openObjectOf<OplogNews>(
  { operationTime: TIME, oldestOplogTime: TIME, isOplogWhole: oneOf(true) },
  ["oldestOplogTime", "isOplogWhole"],
);

/** Beside what was told, for how long it was to be kept: what is left of that says how old it is. */
interface KeptNews extends InstanceNews {
  readonly ttlMs?: number;
}

const NEWS = openObjectOf<KeptNews>({
  owner: text(),
  everyMs: COUNT,
  ttlMs: COUNT,
  streams: arrayOf(STREAM),
  away: arrayOf(SERVICE),
  oplog: OPLOG,
  changeStreams: COUNT,
  refusedSettings: openObjectOf<RefusedSettings>({ since: text(), reason: text() }),
}, ["everyMs", "ttlMs", "away", "oplog", "changeStreams", "refusedSettings"]);

export function newsText(news: InstanceNews, ttlMs: number): string {
  return JSON.stringify({ ...news, ttlMs: Math.ceil(ttlMs) });
}

/**
 * The news that a text says which is kept for another `leftMs`, without what only newer versions know; undefined if it says
 * none.
 */
export function readNews(json: string, leftMs: number): ToldNews | undefined {
  try {
    const { ttlMs, ...news } = NEWS(JSON.parse(json), "", "left-out");
    return ttlMs === undefined ? news : { ...news, ageMs: Math.max(0, ttlMs - leftMs) };
  } catch {
    // A version that tells other things: they are for people only, who see it at that instance.
    return undefined;
  }
}
