/** A column of a table: its heading, and on which side its cells are aligned. */
export interface TextColumn {
  readonly heading: string;
  readonly align: "left" | "right";
}

/** The lines of a table for people: headings, a rule, rows. Cells that are missing stay empty. */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
): string[] {
  const widths = columns.map(({ heading }, i) =>
    Math.max(heading.length, ...rows.map((row) => row[i]?.length ?? 0))
  );
  const line = (cells: readonly string[]) =>
    columns.map(({ align }, i) => {
      const cell = cells[i] ?? "";
      return align === "left" ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
    }).join("  ").trimEnd();
  return [
    line(columns.map(({ heading }) => heading)),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...rows.map(line),
  ];
}

/** `1234567` as `1,234,567`. */
export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
