import { REQUIRED_COLUMNS, type ValueCheck } from "../row_check.ts";
import { linesOf } from "./text_lines.ts";

/** How many rows are in JSON Lines. @throws {RangeError} if there is something else. */
export async function countJsonl(parts: AsyncIterable<Uint8Array>): Promise<number> {
  let rows = 0;
  for await (const { ended } of linesOf(parts, "plain")) rows += countWhole(ended, rows);
  return rows;
}

/** As `countJsonl`, with every row read. */
export async function decodeJsonl(
  parts: AsyncIterable<Uint8Array>,
  check: ValueCheck,
): Promise<number> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rows = 0;
  for await (const { line, ended } of linesOf(parts, "plain")) {
    rows += countWhole(ended, rows);
    const fault = rowFault(decoder, line, check);
    if (fault !== undefined) throw new RangeError(`row ${rows}: ${fault}`);
  }
  return rows;
}

function countWhole(ended: boolean, rowsBefore: number): number {
  if (!ended) throw new RangeError(`it ends in the middle of row ${rowsBefore + 1}`);
  return 1;
}

/** Documents are parsed with the row, so what they hold is JSON; their place may hold any value. */
function rowFault(
  decoder: TextDecoder,
  line: Uint8Array,
  check: ValueCheck,
): string | undefined {
  let row: unknown;
  try {
    row = JSON.parse(decoder.decode(line));
  } catch {
    return "it is not JSON";
  }
  if (typeof row !== "object" || row === null || Array.isArray(row)) return "it is no object";
  const values = row as Record<string, unknown>;
  for (const name of REQUIRED_COLUMNS) {
    if (!Object.hasOwn(values, name)) return `column ${name} is missing`;
    const value = values[name];
    const isDocument = typeof value === "object" && value !== null || DOCUMENTS.has(name);
    const fault = isDocument ? undefined : check(name, value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const DOCUMENTS: ReadonlySet<string> = new Set([
  "document_key",
  "full_document",
  "full_document_before_change",
  "update_description",
]);
