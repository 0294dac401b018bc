/**
 * JSON of Iceberg, whose ids have 64 bits: others choose them at random, and read as a double they become other ids.
 *
 * What is a `bigint` is told by the field, not by the value, so that no comparison of two ids depends on how large they are.
 */

/** Fields that the specifications of tables and of the REST catalog call `long`. */
const LONG_FIELDS: ReadonlySet<string> = new Set([
  "snapshot-id",
  "parent-snapshot-id",
  "current-snapshot-id",
  "base-snapshot-id",
  "sequence-number",
  "last-sequence-number",
  "timestamp-ms",
  "last-updated-ms",
  "max-snapshot-age-ms",
  "max-ref-age-ms",
  "first-row-id",
  "next-row-id",
  "added-rows",
  "file-size-in-bytes",
  "file-footer-size-in-bytes",
]);

/** Lists of such. */
const LONG_LISTS: ReadonlySet<string> = new Set(["snapshot-ids"]);

const INTEGER = /^-?\d+$/;

/** What V8 has and TypeScript's library does not yet know. */
interface ExactJson {
  parse(
    text: string,
    revive: (key: string, value: unknown, at: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}
const json = JSON as unknown as ExactJson;

/**
 * Reads JSON. Integers in fields that are `long` by the specification are `bigint`, always; in any other place an integer is
 * one only where a number could not hold it. Throws `SyntaxError`.
 */
export function parseJson(text: string): unknown {
  return json.parse(text, (key, value, { source }) => {
    if (typeof value === "number" && source !== undefined && INTEGER.test(source)) {
      return LONG_FIELDS.has(key) || !Number.isSafeInteger(value) ? BigInt(source) : value;
    }
    return LONG_LISTS.has(key) && Array.isArray(value) ? value.map(asLong) : value;
  });
}

/** Writes JSON, with every `bigint` as the integer that it is. */
export function writeJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) => typeof part === "bigint" ? json.rawJSON(part.toString()) : part,
  );
}

function asLong(value: unknown): unknown {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}
