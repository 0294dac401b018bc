import type { Partition, Stream } from "../../model/stream.ts";
import { objectOf, oneOf, type Shape, text, wholeNumber } from "../../support/json_shape.ts";

/** A stream as it stands in genesis records, with its names whole. */
export const STREAM: Shape<Stream> = (value, at) => {
  const level = LEVEL(Object(value).level, at === "" ? "level" : `${at}.level`);
  return LEVELS[level](value, at);
};

type Level = Stream["level"];

const LEVEL: Shape<Level> = oneOf("collection", "database", "deployment");

const NAME = text(/^./s, "a name");

const LEVELS: { readonly [L in Level]: Shape<Extract<Stream, { level: L }>> } = {
  deployment: objectOf({ level: oneOf("deployment") }),
  database: objectOf({ level: oneOf("database"), database: NAME }),
  collection: objectOf<Extract<Stream, { level: "collection" }>>({
    level: oneOf("collection"),
    database: NAME,
    collection: NAME,
    partition: objectOf<Partition>({
      epoch: wholeNumber(0),
      index: wholeNumber(1),
      of: wholeNumber(1),
    }),
  }, ["partition"]),
};
