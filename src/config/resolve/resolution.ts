import type { Fault } from "../read/fault.ts";
import { originText } from "../read/fault.ts";
import { type Given, type Layers, maskedValue, placeOf } from "../read/layers.ts";
import { readValue } from "../table/read_value.ts";
import { setting, SETTING_NAMES, type SettingName, type SettingValues } from "../table/schema.ts";

/** The parsed values on their way to a `Config`; collects what is wrong with them. */
export interface Resolution {
  /** A broken setting has its default here, or undefined. */
  readonly values: SettingValues;
  readonly faults: Fault[];
  /** Whether somebody wrote a value, right or wrong. */
  isGiven(name: SettingName): boolean;
  /** Whether one of these was given a value that could not be used: what follows from it cannot be judged. */
  isBroken(...names: SettingName[]): boolean;
  /** Whether the value was written item by item, in YAML, and not as one text. */
  isItemized(name: SettingName): boolean;
  /** `item`: of a list the one that is wrong, so that the fault stands where it does. */
  fault(name: SettingName, problem: string, next?: string, item?: string): void;
  /** As `fault`, for a setting that nobody gave; silent where the file it may stand in could not be read. */
  missing(name: SettingName, next: string): void;
}

/** Parses each given value by its setting's kind; defaults fill the rest. */
export function resolveValues(
  { given, incomplete }: Pick<Layers, "given" | "incomplete">,
  faults: Fault[],
): Resolution {
  const values: Record<string, unknown> = {};
  const broken = new Set<SettingName>();
  const fault = (name: SettingName, problem: string, next?: string, place?: string) => {
    broken.add(name);
    const found = faultOf(name, given.get(name), problem, next);
    faults.push(place === undefined ? found : { ...found, place });
  };
  for (const name of SETTING_NAMES) {
    values[name] = defaultValue(name);
    const written = given.get(name);
    if (written === undefined) continue;
    if (written.unusable) {
      broken.add(name);
      continue;
    }
    const blank = outerBlank(name, written);
    if (blank !== undefined) {
      fault(name, ...blank);
      continue;
    }
    const parsed = parse(name, written.value);
    if (parsed.ok) values[name] = parsed.value;
    else {
      const place = placeOfWrongItem(written);
      fault(name, `It must be ${setting(name).kind.allowed}.`, hint(name, written.value), place);
    }
  }
  return {
    values: values as SettingValues,
    faults,
    isGiven: (name) => given.has(name),
    isBroken: (...names) => names.some((name) => broken.has(name)),
    isItemized: (name) => Array.isArray(given.get(name)?.value),
    fault: (name, problem, next, item) => {
      fault(
        name,
        problem,
        next,
        item === undefined ? undefined : placeOfItem(given.get(name), item),
      );
    },
    missing: (name, next) => {
      if (!incomplete) fault(name, "It is required.", next);
    },
  };
}

/** The parsed default of a setting; undefined where it has none of its own. */
export function defaultValue(name: SettingName): unknown {
  const { default: text, kind } = setting(name);
  return text === undefined ? undefined : readValue<unknown>(kind, kind.fromText(text));
}

/**
 * Problem, next step and place of a value that was quoted with a blank at its end; no setting has such, but for
 * collections.
 */
function outerBlank(
  name: SettingName,
  { value, itemPlaces }: Given,
): [string, string, (string | undefined)?] | undefined {
  if (Array.isArray(value)) {
    const index = value.findIndex((each) => typeof each === "string" && /^!?\s|\s$/.test(each));
    if (index < 0) return undefined;
    return [
      `The entry ${JSON.stringify(value[index])} begins or ends with a blank.`,
      name === "MONGODB_COLLECTIONS"
        ? "Write it without; a collection that is really called so is reached by a pattern with `*`."
        : "Write it without.",
      itemPlaces?.[index],
    ];
  }
  // Of the others none means anything else with a blank.
  const isText = typeof value === "string" && setting(name).kind.form.is === "text";
  if (!isText || value === value.trim()) return undefined;
  return ["It begins or ends with a blank or a line feed.", "Write it without."];
}

/** Where an item stands that was written in a list; undefined where there is no such list. */
function placeOfItem(given: Given | undefined, item: string): string | undefined {
  const { value, itemPlaces } = given ?? {};
  if (!Array.isArray(value)) return undefined;
  return itemPlaces?.[value.findIndex((each) => String(each) === item)];
}

/** Of a list the first item that is no name; a list of names of which one is wrong has other faults. */
function placeOfWrongItem({ value, itemPlaces }: Given): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const isName = (item: unknown) => isScalar(item) || (typeof item === "string" && item !== "");
  return itemPlaces?.[value.findIndex((item) => !isName(item))];
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

function parse(name: SettingName, value: unknown): Parsed {
  const { kind } = setting(name);
  const plain = plainValue(value);
  const first = readValue<unknown>(kind, typeof plain === "string" ? kind.fromText(plain) : plain);
  if (first !== undefined) return { ok: true, value: first };
  // YAML reads some texts as numbers or booleans: a bucket called 2026, a token of digits only.
  if (typeof value !== "bigint" && typeof value !== "boolean") return { ok: false };
  const second = readValue<unknown>(kind, kind.fromText(String(value)));
  return second === undefined ? { ok: false } : { ok: true, value: second };
}

function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => isScalar(item) ? String(item) : item);
  return typeof value === "bigint" ? Number(value) : value;
}

function isScalar(value: unknown): boolean {
  return typeof value === "bigint" || typeof value === "number" || typeof value === "boolean";
}

/** What a person who wrote this probably forgot. */
function hint(name: SettingName, value: unknown): string | undefined {
  const { kind } = setting(name);
  if (!/^\d+$/.test(String(value))) return undefined;
  if (kind.allowed.startsWith("a duration")) return `Add the unit: ${value}s or ${value}ms.`;
  if (kind.allowed.startsWith("a size")) return `Add the unit: ${value}B or ${value}MiB.`;
  return undefined;
}

function faultOf(
  name: SettingName,
  given: Given | undefined,
  problem: string,
  next: string | undefined,
): Fault {
  return {
    setting: name,
    ...(given === undefined ? {} : {
      given: maskedValue(name, given.value),
      origin: originText(given.origin),
      ...placeOf(given.origin),
    }),
    problem,
    ...(next === undefined ? {} : { next }),
  };
}
