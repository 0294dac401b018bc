/** A column, or a group of as many as `num_children` says that follow; names and values are those of Parquet's own schema. */
export interface ParquetElement {
  readonly name: string;
  readonly type?: "BYTE_ARRAY" | "INT32" | "INT64" | "BOOLEAN";
  readonly converted_type?: "UTF8" | "LIST" | "MAP";
  readonly repetition_type?: "REQUIRED" | "OPTIONAL" | "REPEATED";
  readonly num_children?: number;
}

/** Reads and writes small Parquet files of nested rows. Integers of 64 bits are `bigint`. */
export interface ParquetRows {
  write(schema: readonly ParquetElement[], rows: readonly object[]): Uint8Array;
  /** Throws any error where it cannot be read. */
  read(
    bytes: Uint8Array<ArrayBuffer>,
    columns: readonly string[],
  ): Promise<Record<string, unknown>[]>;
}
