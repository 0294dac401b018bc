/**
 * Checks that values read from JSON have the shape a type promises.
 *
 * A shape takes a value and its place and gives back a fresh copy with the keys in the order of the shape, so that the
 * same value always gives the same text; it throws a `TypeError` that names the field and what it holds instead.
 */
export type Shape<T> = (value: unknown, at: string, strangers?: Strangers) => T;

/** What becomes of fields that are not known: an `openObjectOf` can leave them out, everything else refuses them. */
export type Strangers = "refused" | "left-out";

type OptionalKeys<T> = {
  [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? K : never;
}[keyof T];

/** An object with exactly these fields, of which only the ones named in `optional` may be absent. */
export function objectOf<T extends object>(
  fields: Fields<T>,
  optional: readonly OptionalKeys<T>[] = [],
): Shape<T> {
  const shape = openObjectOf(fields, optional);
  return (value, at) => shape(value, at, "refused");
}

type Fields<T> = { readonly [K in keyof T]-?: Shape<Exclude<T[K], undefined>> };

/** The same, of which fields may be left out that only a newer version knows: if the caller says so. */
export function openObjectOf<T extends object>(
  fields: Fields<T>,
  optional: readonly OptionalKeys<T>[] = [],
): Shape<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return (value, at, strangers) => {
    const given = asRecord(value, at);
    const stranger = Object.keys(given).find((name) => !Object.hasOwn(fields, name));
    if (stranger !== undefined && strangers !== "left-out") {
      throw new TypeError(`field "${join(at, stranger)}" is not known`);
    }
    const out: Partial<T> = {};
    for (const name of names) {
      const present = Object.hasOwn(given, name) && given[name] !== undefined;
      if (!present && (optional as readonly (keyof T)[]).includes(name)) continue;
      if (!present) throw new TypeError(`field "${join(at, name)}" is missing`);
      out[name] = fields[name](given[name], join(at, name), strangers);
    }
    return out as T;
  };
}

/** An array of which every item has the shape. */
export function arrayOf<T>(item: Shape<T>): Shape<T[]> {
  return (value, at, strangers) => {
    if (!Array.isArray(value)) throw wrong(value, at, "a list");
    return value.map((each, index) => item(each, `${at}[${index}]`, strangers));
  };
}

/** An object of which every field, whatever its name, has the shape. */
export function mapOf<T>(item: Shape<T>): Shape<Record<string, T>> {
  return (value, at, strangers) =>
    Object.fromEntries(
      Object.entries(asRecord(value, at))
        .map(([name, each]) => [name, item(each, join(at, name), strangers)]),
    );
}

/** One of these values. */
export function oneOf<T extends string | number | boolean>(...allowed: readonly T[]): Shape<T> {
  return (value, at) => {
    const found = allowed.find((each) => each === value);
    if (found === undefined) {
      throw wrong(value, at, allowed.map((each) => JSON.stringify(each)).join(" or "));
    }
    return found;
  };
}

/** The shape, or null. */
export function nullOr<T>(shape: Shape<T>): Shape<T | null> {
  return (value, at, strangers) => value === null ? null : shape(value, at, strangers);
}

/** A whole number from `min` to `max`, both included. */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value, at) => {
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
      const limit = max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`;
      throw wrong(value, at, `a whole number from ${min}${limit}`);
    }
    // Adding zero turns -0, which JSON cannot write, into 0.
    return (value as number) + 0;
  };
}

/** A string; one that matches `form` where that is given, told to people as `description`. */
export function text(form?: RegExp, description: string = "a text"): Shape<string> {
  return (value, at) => {
    if (typeof value !== "string" || (form !== undefined && !form.test(value))) {
      throw wrong(value, at, description);
    }
    return value;
  };
}

/** An object of any content that JSON can write; its keys keep their order, which may mean something. */
export function jsonObject(value: unknown, at: string): Record<string, unknown> {
  const given = asRecord(value, at);
  return Object.fromEntries(
    Object.entries(given).map(([name, each]) => [name, jsonValue(each, join(at, name))]),
  );
}

function jsonValue(value: unknown, at: string): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value + 0;
  if (Array.isArray(value)) return value.map((each, i) => jsonValue(each, `${at}[${i}]`));
  return jsonObject(value, at);
}

/** Whether it is an object with fields, and no array. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asRecord(value: unknown, at: string): Record<string, unknown> {
  const plain = isMap(value) &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!plain) throw wrong(value, at, "an object");
  return value;
}

function join(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}

/** Long values are cut: the field's name and the beginning say enough. */
const SHOWN_CHARS_MAX = 60;

function wrong(value: unknown, at: string, wanted: string): TypeError {
  const shown = show(value);
  const cut = shown.length > SHOWN_CHARS_MAX ? shown.slice(0, SHOWN_CHARS_MAX) + "..." : shown;
  const field = at === "" ? "the whole" : `field "${at}"`;
  return new TypeError(`${field} is ${cut} instead of ${wanted}`);
}

function show(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (isMap(value)) return "an object";
  return JSON.stringify(value) ?? typeof value;
}
