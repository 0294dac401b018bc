/** The one table of settings. A new setting is one entry in one of the lists that make it. */
import {
  BATCH_SETTINGS,
  DESTINATION_SETTINGS,
  OBJECT_SETTINGS,
  TABLE_SETTINGS,
} from "./lake_settings.ts";
import { ICEBERG_SETTINGS } from "./iceberg_settings.ts";
import {
  HTTP_SETTINGS,
  PROCESS_SETTINGS,
  REDIS_SETTINGS,
  STATE_SETTINGS,
  VERSION_SETTINGS,
} from "./process_settings.ts";
import { READING_SETTINGS, RETRY_SETTINGS } from "./reading_settings.ts";
import { flagName, type Setting, type ValueOf, yamlKey } from "./setting.ts";

/** Every setting by its name in the environment, in the order of the sections. */
export const SETTINGS = {
  ...READING_SETTINGS,
  ...DESTINATION_SETTINGS,
  ...OBJECT_SETTINGS,
  ...TABLE_SETTINGS,
  ...ICEBERG_SETTINGS,
  ...BATCH_SETTINGS,
  ...RETRY_SETTINGS,
  ...STATE_SETTINGS,
  ...VERSION_SETTINGS,
  ...REDIS_SETTINGS,
  ...HTTP_SETTINGS,
  ...PROCESS_SETTINGS,
};

export type SettingName = keyof typeof SETTINGS;

/** The value of each setting; undefined where none was given and it has no default of its own. */
export type SettingValues = { readonly [N in SettingName]: ValueOf<(typeof SETTINGS)[N]> };

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** The setting with all optional fields visible, whatever its literal type says. */
export function setting(name: SettingName): Setting {
  return SETTINGS[name];
}

/** The aggregation stages, which only a YAML file can hold. */
export const STAGES_KEY = "pipeline";

/** The environment variable that names the YAML file; its flag is `--config`. */
export const CONFIG_FILE_VARIABLE = "TRIBUTARY_CONFIG";
export const CONFIG_FILE_FLAG = "config";

/** The flag that names a file with environment variables. */
export const ENV_FILE_FLAG = "env-file";

/** The files that settings can be read from: flag, and what it is. */
export const FILE_FLAGS: readonly (readonly [flag: string, description: string])[] = [
  [CONFIG_FILE_FLAG, "the YAML file with the settings"],
  [ENV_FILE_FLAG, "a file of variables, as systemd reads it"],
];

/** A setting as it can be written: itself, or the name of a file that holds its value (secrets only). */
export interface Spelling {
  readonly setting: SettingName;
  readonly fromFile: boolean;
}

/** Every way to write settings in the environment, as flags and as YAML keys. */
export const VARIABLES: ReadonlyMap<string, Spelling> = spellings((name) => name);
export const FLAGS: ReadonlyMap<string, Spelling> = spellings(flagName);
export const YAML_KEYS: ReadonlyMap<string, Spelling> = spellings(yamlKey);

function spellings(spell: (name: string) => string): Map<string, Spelling> {
  const all = new Map<string, Spelling>();
  for (const name of SETTING_NAMES) {
    all.set(spell(name), { setting: name, fromFile: false });
    if (setting(name).secret !== undefined) {
      all.set(spell(`${name}_FILE`), { setting: name, fromFile: true });
    }
  }
  return all;
}
