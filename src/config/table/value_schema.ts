import * as z from "zod";
import type { Form, Kind, Quantity } from "./kinds.ts";

/** Checks and parses values of a kind, as a YAML file holds them or as `fromText` makes them of a text. */
export function valueSchema<T>({ form }: Kind<T>): z.ZodType<T> {
  return schemaOf(form) as z.ZodType<T>;
}

function schemaOf(form: Form): z.ZodType {
  switch (form.is) {
    case "word":
      return z.enum(form.words);
    case "text":
      return z.string().regex(form.pattern);
    case "integer":
      return z.int().min(form.min).max(form.max);
    case "boolean":
      return z.boolean();
    case "list":
      return z.array(z.string().min(1)).min(1);
    case "quantity":
      return quantitySchema(form);
  }
}

function quantitySchema({ pattern, parse, min, max }: Quantity): z.ZodType {
  return z.string().regex(pattern).transform((value, context) => {
    const parsed = parse(value);
    if (parsed !== undefined && parsed >= min && parsed <= max) return parsed;
    context.addIssue({ code: "custom", message: "out of range" });
    return z.NEVER;
  });
}
