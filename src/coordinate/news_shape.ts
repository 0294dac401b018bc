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
  { operationTime: TIME, oldestOplogTime: TIME },
  ["oldestOplogTime"],
);

const NEWS = openObjectOf<InstanceNews>({
  owner: text(),
  streams: arrayOf(STREAM),
  away: arrayOf(SERVICE),
  oplog: OPLOG,
  changeStreams: COUNT,
  refusedSettings: openObjectOf<RefusedSettings>({ since: text(), reason: text() }),
}, ["away", "oplog", "changeStreams", "refusedSettings"]);

/** The news that a text says, without what only newer versions know; undefined if it says none. */
export function readNews(json: string): InstanceNews | undefined {
  try {
    return NEWS(JSON.parse(json), "", "left-out");
  } catch {
    // A version that tells other things: they are for people only, who see it at that instance.
    return undefined;
  }
}
