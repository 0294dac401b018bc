import { PermanentError } from "../model/errors.ts";
import type { Compression, Encoding, Format } from "../model/settings.ts";
import { openAvro } from "./avro.ts";
import { openCsv } from "./csv.ts";
import { openJsonl } from "./jsonl.ts";
import type { OpenObject } from "./object_writer.ts";
import { openParquet } from "./parquet.ts";

/** What is to know of a format: how its objects begin and which compressions it can have. */
export interface FormatEntry {
  readonly open: OpenObject;
  readonly compressions: readonly Compression[];
}

/** All formats. A new one is a file beside this one and a line here. */
export const FORMATS: Readonly<Record<Format, FormatEntry>> = {
  parquet: { open: openParquet, compressions: ["none", "gzip", "zstd", "snappy"] },
  jsonl: { open: openJsonl, compressions: ["none", "gzip", "zstd"] },
  csv: { open: openCsv, compressions: ["none", "gzip", "zstd"] },
  avro: { open: openAvro, compressions: ["none", "gzip", "zstd", "snappy"] },
};

/** @throws {PermanentError} if the format cannot have the compression. */
export function assertEncodable(encoding: Encoding): void {
  const { compressions } = FORMATS[encoding.format];
  if (compressions.includes(encoding.compression)) return;
  throw new PermanentError(
    `Cannot write ${encoding.format} with compression "${encoding.compression}": it can be ${
      compressions.join(", ")
    }`,
  );
}
