/** The formats that tables over a lake can have. */
export type TableFormat = "delta" | "iceberg";
