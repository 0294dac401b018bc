/**
 * The kinds of values that settings have. Each is a zod schema for what a YAML file may hold, the way from text (flags and
 * environment have nothing else), the sentence that says what is allowed, and the way back to text.
 */
import * as z from "zod";
import { formatDuration, formatSize, parseDurationMs, parseSizeBytes } from "../support/units.ts";

export interface Kind<T> {
  readonly schema: z.ZodType<T>;
  /** What the schema is given for a text; the schema judges it. */
  readonly fromText: (text: string) => unknown;
  /** Completes the sentence "it must be ...". */
  readonly allowed: string;
  format(value: T): string;
}

/** One of a few words. */
export function oneOf<const W extends string>(words: readonly W[]): Kind<W> {
  return {
    schema: z.enum(words) as unknown as z.ZodType<W>,
    fromText: (text) => text,
    allowed: words.join(", "),
    format: (value) => value,
  };
}

/** Text of which `form` says what is allowed; the form is that of the whole text. */
export function text(form: RegExp, allowed: string): Kind<string> {
  return {
    schema: z.string().regex(form),
    fromText: (value) => value,
    allowed,
    format: (value) => value,
  };
}

export function integer(min: number, max: number): Kind<number> {
  return {
    schema: z.int().min(min).max(max),
    fromText: (value) => /^-?\d+$/.test(value) ? Number(value) : value,
    allowed: `a whole number from ${min} to ${max}`,
    format: String,
  };
}

export function boolean(): Kind<boolean> {
  return {
    schema: z.boolean(),
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
    schema: z.array(z.string().min(1)).min(1),
    fromText: (value) => value.split(",").map((item) => item.trim()).filter((item) => item !== ""),
    allowed,
    format: (value) => value.join(","),
  };
}

function quantity(
  parse: (text: string) => number | undefined,
  format: (value: number) => string,
  form: RegExp,
  limits: readonly [string, string],
  allowed: string,
): Kind<number> {
  const [min, max] = [parse(limits[0])!, parse(limits[1])!];
  const schema = z.string().regex(form).transform((value, context) => {
    const parsed = parse(value);
    if (parsed !== undefined && parsed >= min && parsed <= max) return parsed;
    context.addIssue({ code: "custom", message: "out of range" });
    return z.NEVER;
  });
  return { schema, fromText: (value) => value.trim(), allowed, format };
}
