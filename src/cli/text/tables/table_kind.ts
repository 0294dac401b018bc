/** What tells a table from that of Delta Lake in the same folder; empty of that one. */
export function kindOf(format: string): string {
  return format === "iceberg" ? " (Iceberg)" : "";
}
