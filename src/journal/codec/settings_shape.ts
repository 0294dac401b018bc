import { COMPRESSIONS, FORMAT_NAMES } from "../../model/format.ts";
import {
  BUCKET_RULES,
  type Encoding,
  FULL_DOCUMENTS,
  FULL_DOCUMENTS_BEFORE_CHANGE,
  JSON_MODES,
  type KeyRule,
  type NamespaceFilter,
  type StreamSettings,
} from "../../model/settings.ts";
import {
  arrayOf,
  jsonObject,
  objectOf,
  oneOf,
  type Shape,
  text,
  wholeNumber,
} from "../../support/json_shape.ts";

export const ENCODING: Shape<Encoding> = objectOf<Encoding>({
  format: oneOf(...FORMAT_NAMES),
  compression: oneOf(...COMPRESSIONS),
  compressionLevel: wholeNumber(Number.MIN_SAFE_INTEGER),
  jsonMode: oneOf(...JSON_MODES),
}, ["compressionLevel"]);

/** A stream's settings as they stand in genesis and settings records. */
export const STREAM_SETTINGS: Shape<StreamSettings> = objectOf<StreamSettings>({
  fullDocument: oneOf(...FULL_DOCUMENTS),
  fullDocumentBeforeChange: oneOf(...FULL_DOCUMENTS_BEFORE_CHANGE),
  namespaces: objectOf<NamespaceFilter>({ include: arrayOf(text()), exclude: arrayOf(text()) }),
  stages: arrayOf(jsonObject),
  reading: oneOf("namespace"),
  redact: arrayOf(text(/^./s, "a text that is not empty")),
  encoding: ENCODING,
  keyRule: objectOf<KeyRule>({ template: text(), bucket: oneOf(...BUCKET_RULES) }),
  encoderVersion: wholeNumber(0),
}, ["redact", "reading"]);
