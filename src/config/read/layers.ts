import { redact } from "../../support/redact.ts";
import type { Fault, Origin } from "./fault.ts";
import { originText } from "./fault.ts";
import { insteadOf } from "./old_names.ts";
import {
  CONFIG_FILE_FLAG,
  CONFIG_FILE_VARIABLE,
  FLAGS,
  setting,
  type SettingName,
  type Spelling,
  STAGES_KEY,
  VARIABLES,
  YAML_KEYS,
} from "../table/schema.ts";
import { asInFile, type SettingsGiven } from "./settings_given.ts";
import { suggest } from "./suggest.ts";
import { parseYamlFile } from "./yaml_file.ts";

/** Everything outside that settings are read from. */
export interface ConfigSources {
  /** Values of flags by name without dashes: `batch-size`, `config`. */
  readonly flags: ReadonlyMap<string, string>;
  readonly env: (name: string) => string | undefined;
  /** Throws where the file cannot be read. */
  readonly readTextFile: (path: string) => string;
  /** The file with variables, whose variables `env` knows already. */
  readonly envFile?: EnvFileSource;
  /** What a program gives that runs pipelines itself; stronger than all else. */
  readonly given?: SettingsGiven;
}

export interface EnvFileSource {
  readonly faults: readonly Fault[];
  readonly isReadable: boolean;
  /** `tributary.env:12`; undefined for variables that are not from the file. */
  readonly placeOf: (variable: string) => string | undefined;
}

/** A value somebody wrote: text, or what stood in the YAML file. */
export interface Given {
  readonly value: unknown;
  readonly origin: Origin;
  /** Of a list in the YAML file: where each of its items stands. */
  readonly itemPlaces?: readonly string[];
  /** The value could not be had, and a fault says so already. */
  readonly unusable?: true;
}

export interface Layers {
  /** The strongest value of each setting that has one. */
  readonly given: ReadonlyMap<SettingName, Given>;
  /** `pipeline:` of the YAML file. */
  readonly stages?: Given;
  /** A file could not be read: what is missing may stand there. */
  readonly incomplete: boolean;
  readonly faults: readonly Fault[];
}

type Layer = Map<SettingName, Given>;

/** Reads the YAML file, the environment and the flags, and lays the stronger over the weaker. */
export function readLayers(sources: ConfigSources): Layers {
  const faults: Fault[] = [...sources.envFile?.faults ?? []];
  const file = readFileLayer(sources, faults);
  const environment = readEnvironment(sources, faults);
  const flags = readFlags(sources, faults);
  const program = readProgram(sources, faults);
  const given = new Map([...file.layer, ...environment, ...flags, ...program.layer]);
  const stages = program.stages ?? file.stages;
  const incomplete = file.incomplete || sources.envFile?.isReadable === false;
  return stages === undefined
    ? { given, incomplete, faults }
    : { given, stages, incomplete, faults };
}

/** The place of a fault that lies in a value. */
export function placeOf({ place }: Origin): Pick<Fault, "place"> {
  return place === undefined ? {} : { place };
}

/** A given value as a person may see it. */
export function maskedValue(name: SettingName, value: unknown): string {
  if (setting(name).secret === "whole") return "***";
  return redact(Array.isArray(value) ? value.map(plainText).join(",") : plainText(value));
}

function plainText(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "a map" : String(value);
}

function readFileLayer(
  sources: ConfigSources,
  faults: Fault[],
): { layer: Layer; stages?: Given; incomplete: boolean } {
  const layer: Layer = new Map();
  const path = sources.flags.get(CONFIG_FILE_FLAG) ??
    (sources.env(CONFIG_FILE_VARIABLE) || undefined);
  if (path === undefined) return { layer, incomplete: false };
  const text = readText(path, sources);
  if (text instanceof Error) {
    faults.push({
      setting: CONFIG_FILE_VARIABLE,
      given: path,
      problem: `Cannot read the configuration file: ${text.message}`,
      next: "Check the path and its permissions.",
    });
    return { layer, incomplete: true };
  }
  const yaml = parseYamlFile(text, path, sources.env);
  faults.push(...yaml.faults);
  const entries = [...yaml.entries].filter(([, value]) => value !== null);
  const stages = takeEntries(
    layer,
    {
      keys: entries.map(([key]) => key),
      where: `file ${path}`,
      givenOf: (key) => {
        const value = yaml.entries.get(key);
        const place = yaml.placeOf([key]);
        return {
          ...{ value, origin: { layer: "file", spelled: `${path} (${key})`, place } },
          ...(Array.isArray(value)
            ? { itemPlaces: value.map((_, i) => yaml.placeOf([key, i])) }
            : {}),
          ...(yaml.unresolved.has(key) ? { unusable: true } : {}),
        };
      },
      placeOfKey: (key) => yaml.placeOf([key], true),
    },
    sources,
    faults,
  );
  const incomplete = !yaml.valid;
  return stages === undefined ? { layer, incomplete } : { layer, stages, incomplete };
}

function readEnvironment(sources: ConfigSources, faults: Fault[]): Layer {
  const layer: Layer = new Map();
  for (const [variable, spelling] of VARIABLES) {
    // Secrets in variables often end with a line feed, and no setting begins or ends with a blank.
    const value = sources.env(variable)?.trim();
    // An empty variable counts as none: compose files and charts set them so.
    if (value === undefined || value === "") continue;
    const place = sources.envFile?.placeOf(variable);
    const origin: Origin = place === undefined
      ? { layer: "environment", spelled: variable }
      : { layer: "environment", spelled: `${variable} (${place})`, place };
    add(layer, spelling, { value, origin }, sources, faults);
  }
  return layer;
}

function readFlags(sources: ConfigSources, faults: Fault[]): Layer {
  const layer: Layer = new Map();
  for (const [flag, text] of sources.flags) {
    if (flag === CONFIG_FILE_FLAG) continue;
    const value = text.trim();
    const spelling = FLAGS.get(flag);
    if (spelling === undefined) {
      const known = [...FLAGS.keys(), CONFIG_FILE_FLAG].map((name) => `--${name}`);
      faults.push(unknownSetting(`--${flag}`, "flag", known));
      continue;
    }
    const origin: Origin = { layer: "flag", spelled: `--${flag}` };
    add(layer, spelling, { value, origin }, sources, faults);
  }
  return layer;
}

function readProgram(
  sources: ConfigSources,
  faults: Fault[],
): { readonly layer: Layer; readonly stages: Given | undefined } {
  const layer: Layer = new Map();
  const written = new Map(Object.entries(sources.given ?? {}));
  const stages = takeEntries(
    layer,
    {
      keys: [...written.keys()].filter((key) => written.get(key) !== undefined),
      where: "program",
      givenOf: (key) => ({
        value: asInFile(written.get(key)),
        origin: { layer: "program", spelled: key },
      }),
    },
    sources,
    faults,
  );
  return { layer, stages };
}

/** Settings under the keys that the YAML file has for them. */
interface Entries {
  readonly keys: readonly string[];
  /** What they stand in, for the faults. */
  readonly where: string;
  readonly givenOf: (key: string) => Given;
  readonly placeOfKey?: (key: string) => string;
}

/** Puts the entries into a layer; answers the stages, which are no setting. */
function takeEntries(
  layer: Layer,
  { keys, where, givenOf, placeOfKey }: Entries,
  sources: ConfigSources,
  faults: Fault[],
): Given | undefined {
  let stages: Given | undefined;
  for (const key of keys) {
    const spelling = YAML_KEYS.get(key);
    if (key === STAGES_KEY) stages = givenOf(key);
    else if (spelling !== undefined) add(layer, spelling, givenOf(key), sources, faults);
    else {
      const unknown = unknownSetting(key, where, [...YAML_KEYS.keys(), STAGES_KEY]);
      faults.push(placeOfKey === undefined ? unknown : { ...unknown, place: placeOfKey(key) });
    }
  }
  return stages;
}

function unknownSetting(word: string, origin: string, known: readonly string[]): Fault {
  const instead = insteadOf(word);
  if (instead !== undefined) {
    const next = `Instead, ${instead}.`;
    return { setting: word, origin, problem: "It is a name of another system.", next };
  }
  const meant = suggest(word, known);
  return {
    setting: word,
    origin,
    problem: "There is no such setting.",
    next: meant === undefined
      ? "`tributary config schema` lists all settings."
      : `Did you mean ${meant}?`,
  };
}

/** Puts a value into its layer; the value of a `_FILE` spelling is the content of the file it names. */
function add(
  layer: Layer,
  spelling: Spelling,
  given: Given,
  sources: ConfigSources,
  faults: Fault[],
): void {
  const name = spelling.setting;
  const other = layer.get(name);
  if (other !== undefined) {
    faults.push({
      setting: name,
      ...placeOf(given.origin),
      problem: `It is given twice: by ${originText(other.origin)} and by ${
        originText(given.origin)
      }.`,
      next: "Take one of them away.",
    });
    return;
  }
  if (!spelling.fromFile || given.unusable) {
    layer.set(name, given);
    return;
  }
  const path = String(given.value);
  const text = readText(path, sources);
  if (text instanceof Error) {
    faults.push({
      setting: `${name}_FILE`,
      given: path,
      origin: originText(given.origin),
      ...placeOf(given.origin),
      problem: `Cannot read the file: ${text.message}`,
      next: "Check the path and its permissions.",
    });
    layer.set(name, { ...given, unusable: true });
    return;
  }
  layer.set(name, { value: text.trim(), origin: given.origin });
}

function readText(path: string, sources: ConfigSources): string | Error {
  try {
    return sources.readTextFile(path);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
