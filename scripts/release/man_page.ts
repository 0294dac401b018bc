import { CONFIG_FILE_VARIABLE, setting, SETTING_NAMES } from "../../src/config/table/schema.ts";
import { flagName, type Section, SECTIONS } from "../../src/config/table/setting.ts";
import { type FlagForm, settingsOf, type VerbForm, verbForms } from "../../src/cli/verb_forms.ts";
import type { Verb } from "../../src/cli/verb.ts";
import { VERBS } from "../../src/cli/verbs.ts";

/** What the manual page says of the program as a whole. */
export interface ManPageFacts {
  readonly version: string;
}

/** `tributary.1`, in the macros of `man`: the verbs and settings of the same tables that help comes from. */
export function manPage({ version }: ManPageFacts): string {
  const lines = [
    `.TH TRIBUTARY 1 "" "tributary ${version}" "User Commands"`,
    // Flags are not to be broken, nor blanks made wide.
    ".nh",
    ".ad l",
    ".SH NAME",
    "tributary \\- stream MongoDB change events into a data lake on S3, each exactly once",
    ".SH SYNOPSIS",
    ".B tributary",
    ".I VERB",
    ".RI [ options ]",
    ...section("DESCRIPTION", DESCRIPTION),
    ".SH VERBS",
    ...verbForms(VERBS).flatMap(verbLines),
    ".SH SETTINGS",
    ...paragraphs(SETTINGS),
    ...SECTIONS.flatMap(sectionLines),
    ".SH EXIT STATUS",
    ...EXITS.flatMap(([code, meaning]) => item(bold(code), meaning)),
    ".SH SIGNALS",
    ...SIGNALS.flatMap(([name, meaning]) => item(bold(name), meaning)),
    ".SH EXAMPLES",
    ...VERBS.flatMap(exampleLines),
  ];
  return lines.join("\n") + "\n";
}

const DESCRIPTION = [
  "tributary reads MongoDB's change streams and writes their events as files into a data lake: Parquet, JSON Lines, " +
  "CSV or Avro, on S3 or in a directory. Beside the data lies a journal that says what the lake contains. Each record of " +
  "it and each object is written only if it is not there yet, so each event lands once, also when a copy of the program is " +
  "killed, and when several share the work.",
  "Several copies share streams by what lies in the destination, or by Redis. Each needs the same settings and nothing else.",
];

const SETTINGS = [
  "Each setting is a flag, a variable of the environment, or a key of the YAML file that `--config` or " +
  `\`${CONFIG_FILE_VARIABLE}\` names. Flags override the environment, the environment overrides the file. ` +
  "`--env-file` reads a file of variables as systemd does, for what the environment lacks. " +
  "`tributary config init` writes a file with every setting in it; `tributary config show` prints what is in effect.",
  "Secrets can be read from files: `--mongodb-uri-file`, `--redis-url-file`, `--http-token-file`. Credentials for S3 come by " +
  "the AWS SDK's own chain. A flag's value can be seen by every user of the machine.",
];

const EXITS = [
  ["0", "Done."],
  ["1", "Failed while running; of `verify`: the lake has holes."],
  ["2", "Wrong usage or configuration; every fault is listed."],
  ["3", "MongoDB, the destination or Redis is not as it must be."],
  ["75", "Of `lock hold`: somebody else has the lease."],
] as const;

const SIGNALS = [
  [
    "SIGTERM, SIGINT",
    "End `run`: what was read is written first. A second one ends it at once; the next start finishes " +
    "what was under way.",
  ],
  [
    "SIGHUP",
    "Let `run` read its settings again. Those that need a restart stay as they are, and the log names them.",
  ],
] as const;

function verbLines({ name, summary, arguments: args, ownFlags, settingFlags }: VerbForm): string[] {
  const usage = [`.B tributary ${name}`, ...args.map((each) => `.I ${text(each.name)}`)];
  const own = ownFlags.filter((flag) => !flag.name.startsWith("--help"));
  const count = VERBS.find((verb) => verb.name === name)!.settings;
  const settings = settingFlags.length === 0
    ? []
    : count === "all"
    ? [".PP", "Takes all settings."]
    : [".PP", text(`Takes ${settingsOf(count).map((each) => `--${flagName(each)}`).join(", ")}.`)];
  return [
    `.SS ${name}`,
    ...usage,
    ".RI [ options ]",
    ".PP",
    text(`${summary}.`),
    ...args.flatMap((each) => item(italic(each.name), each.description)),
    ...own.flatMap((flag) => item(flagTerm(flag), flag.summary)),
    ...settings,
  ];
}

function exampleLines({ summary, example, moreExamples = [] }: Verb): string[] {
  const commands = [example, ...moreExamples].flatMap((line) => [".br", text(line)]);
  return [".TP", `${text(summary)}:`, ...commands.slice(1)];
}

function sectionLines(name: Section): string[] {
  const names = SETTING_NAMES.filter((each) => setting(each).section === name);
  return [`.SS ${name}`, ...names.flatMap(settingLines)];
}

function settingLines(name: typeof SETTING_NAMES[number]): string[] {
  const { kind, default: standard, defaultNote, description, placeholder } = setting(name);
  return [
    ".TP",
    `${bold(`--${flagName(name)}`)} ${italic(placeholder)}, ${bold(name)}`,
    text(description),
    ".br",
    text(`Allowed: ${kind.allowed}.`),
    ".br",
    text(`Default: ${standard ?? defaultNote ?? "none"}.`),
  ];
}

function flagTerm({ name, value }: FlagForm): string {
  return value === undefined ? bold(name) : `${bold(name)} ${italic(value.placeholder)}`;
}

function section(name: string, texts: readonly string[]): string[] {
  return [`.SH ${name}`, ...paragraphs(texts)];
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap((each, index) => index === 0 ? [text(each)] : [".PP", text(each)]);
}

function item(term: string, description: string): string[] {
  return [".TP", term, text(description)];
}

function bold(raw: string): string {
  return `\\fB${escaped(raw)}\\fR`;
}

function italic(raw: string): string {
  return `\\fI${escaped(raw)}\\fR`;
}

/** A line of running text; what stands between backticks is bold. */
function text(raw: string): string {
  const line = escaped(raw).replace(/`([^`]*)`/g, "\\fB$1\\fR");
  // A line that begins with one of these would be a macro.
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

/** Without this a terminal shows typographic hyphens and quotes, which cannot be copied into a command line. */
function escaped(raw: string): string {
  return raw.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq")
    .replaceAll("~", "\\(ti").replaceAll("^", "\\(ha");
}
