/** The formats of objects and what each can be compressed with; everything else that is to know of one is in `encode/formats.ts`. */

export const COMPRESSIONS = ["none", "gzip", "zstd", "snappy"] as const;
export type Compression = (typeof COMPRESSIONS)[number];

interface FormatFacts {
  readonly compressions: readonly Compression[];
  /** Whether objects are compressed inside, so that their names do not tell. */
  readonly compressesInside: boolean;
}

export const FORMATS = {
  parquet: { compressions: COMPRESSIONS, compressesInside: true },
  jsonl: { compressions: ["none", "gzip", "zstd"], compressesInside: false },
  csv: { compressions: ["none", "gzip", "zstd"], compressesInside: false },
  avro: { compressions: COMPRESSIONS, compressesInside: true },
} as const satisfies Readonly<Record<string, FormatFacts>>;

export type Format = keyof typeof FORMATS;

/** The names of all formats. */
export const FORMAT_NAMES = Object.keys(FORMATS) as readonly Format[];

/** Whether objects of the format can have the compression. */
export function canCompress(format: Format, compression: Compression): boolean {
  return compressionsOf(format).includes(compression);
}

export function compressionsOf(format: Format): readonly Compression[] {
  return FORMATS[format].compressions;
}

const SUFFIXES: Readonly<Record<Compression, string>> = {
  none: "",
  gzip: ".gz",
  zstd: ".zst",
  // Of the formats none has a whole file in it.
  snappy: "",
};

/** The file name extension of an encoding. */
export function fileExtension(
  { format, compression }: { readonly format: Format; readonly compression: Compression },
): string {
  return FORMATS[format].compressesInside ? format : format + SUFFIXES[compression];
}

/** All that there are. */
export const FILE_EXTENSIONS: readonly string[] = [
  ...new Set(
    FORMAT_NAMES.flatMap((format) =>
      compressionsOf(format).map((compression) => fileExtension({ format, compression }))
    ),
  ),
];
