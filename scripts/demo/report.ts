import { grouped, type TextColumn, textTable } from "../terminal/text_table.ts";
import { ANSWER_COLUMNS, type LakeReading } from "./read_lake.ts";
import type { Written } from "./order_book.ts";

const COLUMNS: readonly TextColumn[] = [
  { heading: "operation", align: "left" },
  { heading: "written", align: "right" },
  { heading: "in the lake", align: "right" },
];

/** Whether everything written is in the lake, once, and nothing else. */
export function isComplete(written: Written, lake: LakeReading): boolean {
  const operations = Object.entries(written);
  const total = operations.reduce((sum, [, count]) => sum + count, 0);
  return lake.rows === total && lake.tokens === total &&
    operations.every(([name, count]) => (lake.byOperation[name] ?? 0) === count);
}

/** What was written against what arrived, and the verdict. */
export function comparison(written: Written, lake: LakeReading): string[] {
  const names = new Set([...Object.keys(written), ...Object.keys(lake.byOperation)]);
  const counts = [...names].map((name) =>
    [name, written[name as keyof Written] ?? 0, lake.byOperation[name] ?? 0] as const
  );
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const rows = [...counts, ["all", total, lake.rows] as const].map(([name, count, arrived]) => [
    name,
    grouped(count),
    grouped(arrived),
  ]);
  return [
    ...textTable(COLUMNS, rows),
    "",
    isComplete(written, lake)
      ? `Equal, and all ${grouped(lake.tokens)} tokens differ: each row is there exactly once.`
      : `Not equal, or not exactly once: there are ${
        grouped(lake.tokens)
      } different resume tokens.`,
  ];
}

/** The answer to the tour's question. */
export function answerTable(lake: LakeReading): string[] {
  const columns = ANSWER_COLUMNS.map((heading, i) => ({
    heading,
    align: i === 0 ? "left" : "right",
  } as const));
  return textTable(columns, lake.answer);
}

/** A path in lines of no more than `width`, where its folders let it be broken. */
export function pathLines(path: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of path.split(/(?<=\/)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length <= width) lines[lines.length - 1] += part;
    else lines.push(last === undefined ? part : `  ${part}`);
  }
  return lines;
}

/** A bar of so many cells, filled by the fraction. */
export function bar(fraction: number, cells: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * cells);
  return "█".repeat(full) + "░".repeat(cells - full);
}
