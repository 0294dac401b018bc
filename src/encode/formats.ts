import { PermanentError } from "../model/errors.ts";
import { canCompress, compressionsOf, type Format } from "../model/format.ts";
import type { Encoding } from "../model/settings.ts";
import { openAvro } from "./avro.ts";
import { openCsv } from "./csv.ts";
import { openJsonl } from "./jsonl.ts";
import type { OpenObject } from "./object_writer.ts";
import { openParquet } from "./parquet.ts";

/** How objects of each format begin. A new one is a file beside this one, a line here and one in `model/format.ts`. */
export const WRITERS: Readonly<Record<Format, OpenObject>> = {
  parquet: openParquet,
  jsonl: openJsonl,
  csv: openCsv,
  avro: openAvro,
};

/** @throws {PermanentError} if the format cannot have the compression. */
export function assertEncodable(encoding: Encoding): void {
  if (canCompress(encoding.format, encoding.compression)) return;
  throw new PermanentError(
    `Cannot write ${encoding.format} with compression "${encoding.compression}": it can be ${
      compressionsOf(encoding.format).join(", ")
    }`,
  );
}
