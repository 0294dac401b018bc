import type { Encoding, KeyRule, NamespaceFilter, StreamSettings } from "../model/settings.ts";
import {
  arrayOf,
  jsonObject,
  objectOf,
  oneOf,
  type Shape,
  text,
  wholeNumber,
} from "../support/json_shape.ts";

export const ENCODING: Shape<Encoding> = objectOf<Encoding>({
  format: oneOf("parquet", "jsonl", "csv", "avro"),
  compression: oneOf("none", "gzip", "zstd", "snappy"),
  compressionLevel: wholeNumber(Number.MIN_SAFE_INTEGER),
  jsonMode: oneOf("relaxed", "canonical"),
}, ["compressionLevel"]);

/** A stream's settings as they stand in genesis and settings records. */
export const STREAM_SETTINGS: Shape<StreamSettings> = objectOf<StreamSettings>({
  fullDocument: oneOf("off", "update-lookup", "when-available", "required"),
  fullDocumentBeforeChange: oneOf("off", "when-available", "required"),
  namespaces: objectOf<NamespaceFilter>({ include: arrayOf(text()), exclude: arrayOf(text()) }),
  stages: arrayOf(jsonObject),
  redact: arrayOf(text(/^./s, "a text that is not empty")),
  encoding: ENCODING,
  keyRule: objectOf<KeyRule>({ template: text(), bucket: oneOf("hour", "day", "none") }),
  encoderVersion: wholeNumber(0),
}, ["redact"]);
