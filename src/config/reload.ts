import type { Config, Watch } from "./config.ts";
import { effectiveValue } from "./show/effective.ts";
import type { Loaded } from "./resolve/load.ts";
import { setting, SETTING_NAMES, type SettingName, STAGES_KEY } from "./table/schema.ts";

/** A configuration and how it came to be. */
export interface Reading {
  readonly config: Config;
  readonly loaded: Loaded;
}

/** What becomes of settings that are read again while the program runs. */
export interface TakeOver {
  /** What is in force from here on. */
  readonly inForce: Reading;
  /** What has changed in it, in the user's form; undefined where a setting had or has no value. */
  readonly changes: readonly SettingChange[];
  /** The settings that were written differently and stay as they were until the next start. */
  readonly needRestart: readonly string[];
}

export interface SettingChange {
  readonly setting: SettingName;
  readonly before: string | undefined;
  readonly now: string | undefined;
}

/**
 * Takes over what may change without a restart: the settings whose entry has `reload`. Of these, too, those stay that
 * only make sense together with one that needs a restart.
 */
export function takeOver(inForce: Reading, read: Reading): TakeOver {
  const changed = SETTING_NAMES.filter((name) => differs(name, inForce, read));
  const taken = changed.filter((name) => isTaken(name, changed, inForce.config, read.config));
  const config: Record<string, unknown> = { ...inForce.config };
  const values: Record<string, unknown> = { ...inForce.loaded.values };
  for (const name of taken) {
    const field = setting(name).reload!;
    config[field] = read.config[field];
    values[name] = read.loaded.values[name];
  }
  const needRestart: string[] = changed.filter((name) => !taken.includes(name));
  if (textOf(inForce.config.stages) !== textOf(read.config.stages)) needRestart.push(STAGES_KEY);
  return {
    inForce: {
      config: Object.freeze(config) as unknown as Config,
      loaded: { ...inForce.loaded, values: values as unknown as Loaded["values"] },
    },
    changes: taken.map((name) => ({
      setting: name,
      before: effectiveValue(name, inForce.config, inForce.loaded),
      now: effectiveValue(name, read.config, read.loaded),
    })),
    needRestart,
  };
}

/** Whether it was written differently, and that makes a difference. Secrets are compared as they are. */
function differs(name: SettingName, a: Reading, b: Reading): boolean {
  if (textOf(a.loaded.values[name]) === textOf(b.loaded.values[name])) return false;
  return setting(name).secret !== undefined ||
    effectiveValue(name, a.config, a.loaded) !== effectiveValue(name, b.config, b.loaded);
}

function isTaken(
  name: SettingName,
  changed: readonly SettingName[],
  inForce: Config,
  read: Config,
): boolean {
  if (setting(name).reload === undefined) return false;
  switch (name) {
    case "MONGODB_COLLECTIONS":
      // The names mean nothing without the database they are read with; and other streams would begin journals that
      // those of the streams so far overlap.
      return !changed.includes("MONGODB_DATABASE") &&
        targetOf(inForce.watch) === targetOf(read.watch);
    case "BATCH_BYTES":
      return read.batchBytesMax <= inForce.memoryBudgetBytes;
    default:
      return true;
  }
}

function targetOf(watch: Watch): string {
  return watch.level === "database" ? `database ${watch.database}` : watch.level;
}

function textOf(value: unknown): string | undefined {
  return JSON.stringify(value);
}
