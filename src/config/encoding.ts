import { canCompress, type Compression, compressionsOf } from "../model/format.ts";
import type { Encoding } from "../model/settings.ts";
import { omitUndefined } from "./omit_undefined.ts";
import type { Resolution } from "./resolution.ts";

const LEVEL_MAX: Readonly<Record<Compression, number>> = { none: 0, gzip: 9, zstd: 22, snappy: 0 };

/** How events become bytes; faults for pairs that no format has. */
export function resolveEncoding(resolution: Resolution): Encoding {
  const {
    FORMAT: format,
    COMPRESSION: compression,
    COMPRESSION_LEVEL: level,
    JSON_MODE: jsonMode,
  } = resolution.values;
  if (!resolution.isBroken("FORMAT", "COMPRESSION")) {
    if (!canCompress(format, compression)) {
      resolution.fault(
        "COMPRESSION",
        `The format ${format} can be compressed with ${compressionsOf(format).join(", ")}.`,
        "Choose one of these, or FORMAT parquet or avro.",
      );
    } else if (level !== undefined && level > LEVEL_MAX[compression]) {
      resolution.fault(
        "COMPRESSION_LEVEL",
        LEVEL_MAX[compression] === 0
          ? `The compression ${compression} has no levels.`
          : `The levels of ${compression} go from 1 to ${LEVEL_MAX[compression]}.`,
      );
    }
  }
  return omitUndefined({ format, compression, compressionLevel: level, jsonMode });
}
