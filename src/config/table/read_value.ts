import type { Form, Kind } from "./kinds.ts";

/**
 * A value of a kind, as a YAML file holds it or as `fromText` makes it of a text; undefined where it is none.
 */
export function readValue<T>({ form }: Kind<T>, value: unknown): T | undefined {
  const read = READERS[form.is] as (form: Form, value: unknown) => unknown;
  return read(form, value) as T | undefined;
}

type Reader<Is extends Form["is"]> = (form: Form & { readonly is: Is }, value: unknown) => unknown;

const READERS: { readonly [Is in Form["is"]]: Reader<Is> } = {
  word: ({ words }, value) => words.find((word) => word === value),
  text: ({ pattern }, value) => isText(value) && pattern.test(value) ? value : undefined,
  integer: ({ min, max }, value) =>
    Number.isSafeInteger(value) && isWithin(value as number, min, max) ? value : undefined,
  boolean: (_, value) => typeof value === "boolean" ? value : undefined,
  list: (_, value) =>
    Array.isArray(value) && value.length > 0 && value.every((item) => isText(item) && item !== "")
      ? [...value]
      : undefined,
  quantity: ({ pattern, parse, min, max }, value) => {
    const number = isText(value) && pattern.test(value) ? parse(value) : undefined;
    return number !== undefined && isWithin(number, min, max) ? number : undefined;
  },
};

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isWithin(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}
