/** Values longer than this, indentation included, are broken over lines. */
const LINE_CHARS_MAX = 100;

/**
 * JSON for machines and people: what fits on a line stays on it, what does not is broken and indented by two spaces.
 *
 * The same value with its keys in the same order always gives the same text. Ends with a newline.
 */
export function readableJson(value: unknown): string {
  return print(value, 0, 0) + "\n";
}

/** `taken` characters of the line are used by what stands before the value. */
function print(value: unknown, indent: number, taken: number): string {
  const compact = JSON.stringify(value);
  if (compact === undefined) throw new TypeError(`Cannot write a ${typeof value} as JSON`);
  if (typeof value !== "object" || value === null) return compact;
  if (indent > 0 && taken + compact.length <= LINE_CHARS_MAX) return compact;
  const lines = Array.isArray(value)
    ? printItems(value, indent + 2)
    : printFields(value, indent + 2);
  if (lines.length === 0) return compact;
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return `${open}\n${lines.join(",\n")}\n${" ".repeat(indent)}${close}`;
}

function printItems(items: readonly unknown[], indent: number): string[] {
  return items.map((item) => " ".repeat(indent) + print(item, indent, indent));
}

function printFields(fields: object, indent: number): string[] {
  return Object.entries(fields).filter(([, value]) => value !== undefined).map(([name, value]) => {
    const start = `${" ".repeat(indent)}${JSON.stringify(name)}: `;
    return start + print(value, indent, start.length);
  });
}
