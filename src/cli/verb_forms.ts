import { FILE_FLAGS, setting, SETTING_NAMES, type SettingName } from "../config/table/schema.ts";
import { flagName, SECTIONS } from "../config/table/setting.ts";
import type { Verb, VerbArgument } from "./verb.ts";

/** How a verb may be written: what completions and the man page are made of. */
export interface VerbForm {
  /** One word, or two: `config show`. */
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly VerbArgument[];
  /** Of this verb alone. */
  readonly ownFlags: readonly FlagForm[];
  /** Of its settings, in the order of the help. */
  readonly settingFlags: readonly FlagForm[];
}

export interface FlagForm {
  /** With its dashes: `--format`. */
  readonly name: string;
  /** One line without a full stop. */
  readonly summary: string;
  /** Absent: it takes none. */
  readonly value?: ValueForm;
}

export interface ValueForm {
  readonly placeholder: string;
  /** Whether the flag may stand without it. */
  readonly optional: boolean;
  /** The words it may be, the path of a file, or anything. */
  readonly from: readonly string[] | "file" | "anything";
}

/** What every verb takes. */
export const HELP_FLAG: FlagForm = { name: "--help", summary: "show the help" };

/** What the program takes without a verb. */
export const ROOT_FLAGS: readonly FlagForm[] = [
  HELP_FLAG,
  { name: "--version", summary: "print the version" },
];

/** The forms of all verbs, in the order of the table. */
export function verbForms(verbs: readonly Verb[]): VerbForm[] {
  return verbs.map((verb) => ({
    name: verb.name,
    summary: verb.summary,
    arguments: verb.arguments ?? [],
    ownFlags: [
      ...(verb.options ?? []).map(({ flags, description }) => ownFlag(flags, description)),
      HELP_FLAG,
      ...(verb.settings === "none" ? [] : [HELP_ALL_FLAG]),
    ],
    settingFlags: settingFlags(verb.settings),
  }));
}

/** The settings that a verb takes, section by section. */
export function settingsOf(names: Verb["settings"]): SettingName[] {
  const wanted = names === "all" ? SETTING_NAMES : names === "none" ? [] : names;
  return SECTIONS.flatMap((section) => wanted.filter((name) => setting(name).section === section));
}

const HELP_ALL_FLAG: FlagForm = { name: "--help-all", summary: "show the flags of all settings" };

/** From the form in which verbs write them: `--json`, `--output <FILE>`. */
function ownFlag(flags: string, summary: string): FlagForm {
  const [name, placeholder] = flags.split(" ");
  if (placeholder === undefined) return { name: name!, summary };
  const value = anyValue(placeholder.slice(1, -1));
  return { name: name!, summary, value: { ...value, optional: placeholder.startsWith("[") } };
}

function settingFlags(names: Verb["settings"]): FlagForm[] {
  if (names === "none") return [];
  const file = { value: anyValue("FILE") };
  return [
    ...FILE_FLAGS.map(([flag, summary]) => ({ name: `--${flag}`, summary, ...file })),
    ...settingsOf(names).flatMap((name) => [
      settingFlag(name),
      ...(setting(name).secret === undefined ? [] : [
        { name: `--${flagName(`${name}_FILE`)}`, summary: `a file that holds ${name}`, ...file },
      ]),
    ]),
  ];
}

function settingFlag(name: SettingName): FlagForm {
  const { description, kind: { form }, placeholder, short } = setting(name);
  const firstSentence = description.replace(/[.:;] [^]*|\.$/, "").replaceAll("`", "");
  const value = form.is === "word"
    ? { placeholder, optional: false, from: form.words }
    : form.is === "boolean"
    ? { placeholder, optional: true, from: ["true", "false"] }
    : anyValue(placeholder);
  return { name: `--${flagName(name)}`, summary: short ?? firstSentence, value };
}

function anyValue(placeholder: string): ValueForm {
  return { placeholder, optional: false, from: placeholder === "FILE" ? "file" : "anything" };
}
