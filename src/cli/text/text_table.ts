import { textWidth } from "./text_width.ts";

/** Rows of cells under each other, the first row being the heads; columns of numbers are aligned to the right. */
export function textTable(
  rows: readonly (readonly string[])[],
  rightColumns: readonly number[] = [],
): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((cells) => textWidth(cells[column]!)))
  );
  return rows.map((cells) =>
    cells.map((cell, column) => {
      const space = " ".repeat(widths[column]! - textWidth(cell));
      return rightColumns.includes(column) ? space + cell : cell + space;
    }).join("  ").trimEnd() + "\n"
  ).join("");
}
