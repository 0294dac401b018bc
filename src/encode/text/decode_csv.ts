import { REQUIRED_COLUMNS, type ValueCheck } from "../row_check.ts";
import { linesOf } from "./text_lines.ts";

/** How many records are in CSV, without its header. @throws {RangeError} if there is something else. */
export async function countCsv(parts: AsyncIterable<Uint8Array>): Promise<number> {
  let lines = 0;
  for await (const { ended } of linesOf(parts, "quotes")) lines += countWhole(ended, lines);
  return withoutHeader(lines);
}

/** As `countCsv`, with every field of every record read. */
export async function decodeCsv(
  parts: AsyncIterable<Uint8Array>,
  check: ValueCheck,
): Promise<number> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let names: readonly string[] = [];
  let lines = 0;
  for await (const { line, ended } of linesOf(parts, "quotes")) {
    lines += countWhole(ended, lines);
    const fields = splitRecord(decode(decoder, line, lines), lines);
    if (lines === 1) names = header(fields);
    else {
      const fault = recordFault(names, fields, check);
      if (fault !== undefined) throw new RangeError(`record ${lines - 1}: ${fault}`);
    }
  }
  return withoutHeader(lines);
}

function countWhole(ended: boolean, linesBefore: number): number {
  if (!ended) throw new RangeError(`it ends in the middle of record ${linesBefore}`);
  return 1;
}

function withoutHeader(lines: number): number {
  if (lines === 0) throw new RangeError("it has no header");
  return lines - 1;
}

function decode(decoder: TextDecoder, line: Uint8Array, number: number): string {
  try {
    return decoder.decode(line);
  } catch {
    throw new RangeError(`record ${number - 1} is not UTF-8`);
  }
}

/** The columns that every object has stand in the header, perhaps with some that a newer tributary has added. */
function header(fields: readonly Field[]): readonly string[] {
  const names = fields.map((field) => field ?? "");
  const missing = REQUIRED_COLUMNS.find((name) => !names.includes(name));
  if (missing !== undefined) throw new RangeError(`its header has no column ${missing}`);
  return names;
}

/** An empty field is null, `""` an empty text. */
type Field = string | null;

/** The fields of a record as RFC 4180 has them; its line feed is gone already. */
function splitRecord(text: string, number: number): Field[] {
  const fault = () => new RangeError(`record ${number - 1} has a quote or a line end out of place`);
  if (!text.endsWith("\r")) throw fault();
  const end = text.length - 1;
  const fields: Field[] = [];
  for (let at = 0; at <= end; at++) {
    if (text[at] !== '"') {
      const comma = text.indexOf(",", at);
      const stop = comma === -1 ? end : comma;
      const field = text.slice(at, stop);
      if (/["\r]/.test(field)) throw fault();
      fields.push(field === "" ? null : field);
      at = stop;
      continue;
    }
    let close = text.indexOf('"', at + 1);
    while (close !== -1 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
    if (close === -1 || (text[close + 1] !== "," && close + 1 !== end)) throw fault();
    fields.push(text.slice(at + 1, close).replaceAll('""', '"'));
    at = close + 1;
  }
  return fields;
}

function recordFault(
  names: readonly string[],
  fields: readonly Field[],
  check: ValueCheck,
): string | undefined {
  if (fields.length !== names.length) {
    return `it has ${fields.length} fields, the header ${names.length}`;
  }
  for (const [i, name] of names.entries()) {
    const field = fields[i]!;
    const isNumber = name === "cluster_increment" && field !== null && /^\d+$/.test(field);
    const fault = check(name, isNumber ? Number(field) : field);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
