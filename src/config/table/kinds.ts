/**
 * The kinds of values that settings have. Each says what a YAML file may hold, the way from text (flags and environment
 * have nothing else), the sentence that says what is allowed, and the way back to text.
 *
 * They are plain data: `read_value.ts` checks values, `show/json_schema.ts` tells editors what they may be.
 */
import {
  formatDuration,
  formatSize,
  parseDurationMs,
  parseSizeBytes,
} from "../../support/units.ts";

export interface Kind<T> {
  readonly form: Form;
  /** What `readValue` is given for a text, and judges. */
  readonly fromText: (text: string) => unknown;
  /** Completes the sentence "it must be ...". */
  readonly allowed: string;
  format(value: T): string;
}

/** What values of a kind look like before they are parsed. */
export type Form =
  | { readonly is: "word"; readonly words: readonly string[] }
  | { readonly is: "text"; readonly pattern: RegExp }
  | { readonly is: "integer"; readonly min: number; readonly max: number }
  | { readonly is: "boolean" }
  | { readonly is: "list" }
  | Quantity;

/** A number with its unit; a number without once parsed. */
export interface Quantity {
  readonly is: "quantity";
  readonly pattern: RegExp;
  readonly parse: (text: string) => number | undefined;
  readonly min: number;
  readonly max: number;
}

/** One of a few words. */
export function oneOf<const W extends string>(words: readonly W[]): Kind<W> {
  return {
    form: { is: "word", words },
    fromText: (text) => text,
    allowed: words.join(", "),
    format: (value) => value,
  };
}

/** Either of two words, both in any order, or none of them. */
export function oneOrBoth<const A extends string, const B extends string>(
  [a, b]: readonly [A, B],
): Kind<"none" | A | B | `${A},${B}` | `${B},${A}`> {
  return {
    ...oneOf(["none", a, b, `${a},${b}`, `${b},${a}`]),
    fromText: (text) => text.replace(/\s*,\s*/, ","),
    allowed: `none, ${a}, ${b}, ${a},${b}`,
  };
}

/** Text of which `pattern` says what is allowed; the pattern is that of the whole text. */
export function text(pattern: RegExp, allowed: string): Kind<string> {
  return {
    form: { is: "text", pattern },
    fromText: (value) => value,
    allowed,
    format: (value) => value,
  };
}

export function integer(min: number, max: number): Kind<number> {
  return {
    form: { is: "integer", min, max },
    fromText: (value) => /^-?\d+$/.test(value) ? Number(value) : value,
    allowed: `a whole number from ${min} to ${max}`,
    format: String,
  };
}

export function boolean(): Kind<boolean> {
  return {
    form: { is: "boolean" },
    fromText: (value) => value === "true" ? true : value === "false" ? false : value,
    allowed: "true or false",
    format: String,
  };
}

/** A time span, in milliseconds once parsed. The limits are texts of the same form. */
export function duration(min: string, max: string): Kind<number> {
  return quantity(
    parseDurationMs,
    formatDuration,
    /^\d+(\.\d+)?(ms|s|m|h|d)$/,
    [min, max],
    `a duration from ${min} to ${max}, such as 500ms, 30s, 3m`,
  );
}

/** A number of bytes. The limits are texts of the same form. */
export function size(min: string, max: string): Kind<number> {
  return quantity(
    parseSizeBytes,
    formatSize,
    /^\d+(\.\d+)?(B|KiB|MiB|GiB|KB|MB|GB)$/,
    [min, max],
    `a size from ${min} to ${max}, such as 512KiB, 64MiB`,
  );
}

/** Names separated by commas, or a YAML list of them; at least one. */
export function list(allowed: string): Kind<readonly string[]> {
  return {
    form: { is: "list" },
    fromText: (value) => value.split(",").map((item) => item.trim()).filter((item) => item !== ""),
    allowed,
    format: (value) => value.join(","),
  };
}

function quantity(
  parse: (text: string) => number | undefined,
  format: (value: number) => string,
  pattern: RegExp,
  limits: readonly [string, string],
  allowed: string,
): Kind<number> {
  const [min, max] = [parse(limits[0])!, parse(limits[1])!];
  return {
    form: { is: "quantity", pattern, parse, min, max },
    fromText: (value) => value.trim(),
    allowed,
    format,
  };
}
