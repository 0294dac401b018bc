import { arrayOf, objectOf, oneOf, text, wholeNumber } from "../support/json_shape.ts";
import type { InstanceNews, ObjectNews, StreamNews } from "./news.ts";

const COUNT = wholeNumber(0);

const STREAM = objectOf<StreamNews>({
  key: text(),
  condition: oneOf("opening", "running", "waiting", "failed", "stopped", "closed"),
  lagMs: COUNT,
  readEvents: COUNT,
  bufferedEvents: COUNT,
  lastObject: objectOf<ObjectNews>({ key: text(), rows: COUNT, bytes: COUNT, at: text() }),
  error: objectOf({ message: text(), at: text() }),
}, ["lagMs", "lastObject", "error"]);

const NEWS = objectOf<InstanceNews>({ owner: text(), streams: arrayOf(STREAM) });

/** The news that a text says; undefined if it says none. */
export function readNews(json: string): InstanceNews | undefined {
  try {
    return NEWS(JSON.parse(json), "");
  } catch {
    // A version that tells other things: they are for people only, who see it at that instance.
    return undefined;
  }
}
