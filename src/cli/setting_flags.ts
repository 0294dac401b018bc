import { type Command, Option } from "commander";
import {
  CONFIG_FILE_FLAG,
  FILE_FLAGS,
  FLAGS,
  setting,
  type SettingName,
} from "../config/schema.ts";
import { flagName } from "../config/setting.ts";
import type { Verb } from "./verb.ts";
import { settingsOf } from "./verb_forms.ts";

/**
 * Gives the command the flags of the verb's settings. Only the common ones show in its help, unless `all`; says whether
 * some are hidden.
 */
export function addSettingFlags(
  command: Command,
  { settings, shownSettings }: Pick<Verb, "settings" | "shownSettings">,
  all: boolean,
): boolean {
  if (settings === "none") return false;
  for (const [flag, description] of FILE_FLAGS) {
    command.addOption(new Option(`--${flag} <FILE>`, description).helpGroup("Settings:"));
  }
  const wanted = settingsOf(settings);
  const isShown = (name: SettingName) =>
    all || (setting(name).short !== undefined && shownSettings?.includes(name) !== false);
  for (const name of wanted) {
    const flag = valueFlag(name, all);
    command.addOption(isShown(name) ? flag : flag.hideHelp());
    if (setting(name).secret !== undefined) command.addOption(fileFlag(name, all));
  }
  return !wanted.every(isShown);
}

/** The settings' flags that stand on the command line, as texts by name. */
export function settingFlagsGiven(command: Command): Map<string, string> {
  const given = new Map<string, string>();
  for (const option of command.options) {
    const name = option.name();
    if (name !== CONFIG_FILE_FLAG && !FLAGS.has(name)) continue;
    const value = command.getOptionValue(option.attributeName());
    if (typeof value === "string") given.set(name, value);
  }
  return given;
}

function valueFlag(name: SettingName, all: boolean): Option {
  const { placeholder, section } = setting(name);
  // A switch may stand without its value.
  const isSwitch = placeholder === "BOOL";
  const value = isSwitch ? `[${placeholder}]` : `<${placeholder}>`;
  const option = new Option(`--${flagName(name)} ${value}`, flagText(name, all));
  option.helpGroup(all ? `${section}:` : "Settings:");
  return isSwitch ? option.preset("true") : option;
}

function fileFlag(name: SettingName, all: boolean): Option {
  const option = new Option(`--${flagName(`${name}_FILE`)} <FILE>`, `a file that holds ${name}`);
  option.helpGroup(all ? `${setting(name).section}:` : "Settings:");
  return all ? option : option.hideHelp();
}

/** The short help says the least, the long one everything. */
function flagText(name: SettingName, all: boolean): string {
  const { description, default: text, defaultNote, kind, short } = setting(name);
  if (all) {
    return `${description} Allowed: ${kind.allowed}. Default: ${text ?? defaultNote ?? "none"}.`;
  }
  return text === undefined ? short ?? "" : `${short} (${text})`;
}
