/** Texts that shall fit a line of a terminal. */
import { lettersOf, letterWidth, textWidth } from "./text_width.ts";

/** The text with `…` for what is too much in its middle: both ends of a name tell names apart. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 1) return "…".slice(0, width);
  const letters = lettersOf(text);
  const front = fitting(letters, Math.ceil((width - 1) / 2));
  const back = fitting(letters.reverse(), width - 1 - textWidth(front.join("")));
  return `${front.join("")}…${back.reverse().join("")}`;
}

/** As many letters from the start as fit. */
function fitting(letters: readonly string[], width: number): string[] {
  let left = width;
  const end = letters.findIndex((letter) => (left -= letterWidth(letter)) < 0);
  return letters.slice(0, end);
}

/** Lines no longer than `columns`, broken at blanks; those after the first begin with the indent. */
export function wrapText(text: string, columns: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line.trim() === "" || textWidth(longer) <= columns) line = longer;
    else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line].join("\n");
}

/**
 * Widths for columns that together with two blanks between them fill no more than `columns`: those of `shrinking` give
 * way, the first of them first, down to their least width.
 */
export function fitWidths(
  widths: readonly number[],
  columns: number,
  shrinking: readonly (readonly [column: number, least: number])[],
): number[] {
  const fitted = [...widths];
  let over = fitted.reduce((sum, width) => sum + width, 0) + 2 * (fitted.length - 1) - columns;
  for (const [column, least] of shrinking) {
    const given = Math.min(Math.max(0, over), Math.max(0, fitted[column]! - least));
    fitted[column]! -= given;
    over -= given;
  }
  return fitted;
}
