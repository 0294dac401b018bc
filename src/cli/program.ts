import { Argument, Command, CommanderError, type HelpConfiguration } from "commander";
import type { ConfigSources } from "../config/read/layers.ts";
import { ENV_FILE_FLAG, FILE_FLAGS } from "../config/table/schema.ts";
import { suggest } from "../config/read/suggest.ts";
import { errorMessage } from "../model/errors.ts";
import { redact } from "../support/redact.ts";
import { VERSION } from "../support/version.ts";
import type { Host } from "./host.ts";
import { addSettingFlags, settingFlagsGiven } from "./setting_flags.ts";
import { EXIT, type ExitCode, type Verb, type VerbContext } from "./verb.ts";

/** Shows the flags of all settings, where `--help` shows the common ones. */
const HELP_ALL = "--help-all";

const HELP_COLUMNS_MAX = 100;

const WHAT_IT_DOES = "Streams MongoDB change events into a data lake on S3, each exactly once.";

const EXAMPLE = "tributary run --mongodb-uri mongodb://db1/ --destination s3://lake/shop";

/** Reads the command line, runs the verb it names, and says what the process shall end with. */
export async function runProgram(
  host: Host,
  verbs: readonly Verb[],
  groups: Readonly<Record<string, string>>,
): Promise<ExitCode> {
  const allFlags = host.args.includes(HELP_ALL);
  const args = filesBehind(host.args).map((word) => word === HELP_ALL ? "--help" : word);
  let code: ExitCode = EXIT.done;
  const program = rootCommand(host, allFlags);
  for (const verb of verbs) {
    const command = commandFor(program, verb, groups);
    command.summary(verb.summary);
    // Making all flags of all verbs would take longer than everything else that help does.
    if (!args.includes(verb.name.split(" ")[0]!)) continue;
    describe(command, verb, allFlags);
    command.action(async () => {
      const tools = verb.settings === "none" ? undefined : await settingTools();
      code = await verb.run(contextOf(command, verb, host, tools));
    });
  }
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    return explain(error, program, args, host);
  }
}

/** Flags that name files of settings may stand before the verb, too. */
function filesBehind(args: readonly string[]): string[] {
  const rest = [...args];
  const moved: string[] = [];
  const isFileFlag = (word = "") =>
    FILE_FLAGS.some(([flag]) => word === `--${flag}` || word.startsWith(`--${flag}=`));
  while (isFileFlag(rest[0])) moved.push(...rest.splice(0, rest[0]!.includes("=") ? 1 : 2));
  return [...rest, ...moved];
}

function rootCommand(host: Host, allFlags: boolean): Command {
  const columns = Math.min(host.stdout.columns, HELP_COLUMNS_MAX);
  return new Command("tributary")
    .description(WHAT_IT_DOES)
    // A terminal has 24 lines.
    .addHelpText("after", `Example: ${EXAMPLE}`)
    .exitOverride()
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .version(VERSION, "-V, --version", "print the version")
    .commandsGroup("Verbs:")
    .configureHelp(helpForm(allFlags))
    .usage(`VERB [options]    Help on a verb: tributary VERB --help\n${WHAT_IT_DOES}`)
    .helpOption("-h, --help", "show this help")
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
      // Wrong usage is explained in one place, below.
      outputError: () => {},
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/** Long descriptions go below their flags. */
function helpForm(allFlags: boolean): HelpConfiguration {
  const form: HelpConfiguration = {
    argumentDescription: (argument) => argument.description,
    optionDescription: (option) => option.description,
    subcommandTerm: (command) => command.name(),
    // That of the program stands beside its usage.
    commandDescription: (command) => command.parent === null ? "" : command.description(),
    // Who reads the help has found the flag for it, and there is a verb for the version.
    visibleOptions: ({ options }) =>
      options.filter(({ hidden, long }) => !hidden && long !== "--version"),
  };
  if (!allFlags) return form;
  form.formatItem = (term, _termWidth, description, help) => {
    const text = help.boxWrap(description, (help.helpWidth ?? HELP_COLUMNS_MAX) - BELOW.length);
    return `  ${term}\n${text.replace(/^/gm, BELOW)}`;
  };
  return form;
}

/** The indent of what stands below a flag. */
const BELOW = "      ";

function commandFor(
  program: Command,
  verb: Verb,
  groups: Readonly<Record<string, string>>,
): Command {
  const [first, second] = verb.name.split(" ");
  if (second === undefined) return program.command(first!);
  const group = program.commands.find((command) => command.name() === first) ??
    program.command(first!).summary(groups[first!] ?? "").description(`${groups[first!]}.`)
      .helpCommand(false).usage("VERB [options]").commandsGroup("Verbs:")
      .addHelpText("after", `\nHelp on a verb: tributary ${first} VERB --help`);
  return group.command(second);
}

function describe(command: Command, verb: Verb, allFlags: boolean): void {
  command.description(`${verb.summary}.`);
  for (const { name, description, words } of verb.arguments ?? []) {
    const argument = new Argument(name, description);
    command.addArgument(words === undefined ? argument : argument.choices(words));
  }
  for (const { flags, description } of verb.options ?? []) command.option(flags, description);
  const hidden = addSettingFlags(command, verb, allFlags);
  const more = hidden ? `\nAll settings: tributary ${verb.name} ${HELP_ALL}` : "";
  const examples = [verb.example, ...verb.moreExamples ?? []].join("\n         ");
  command.addHelpText("after", `\nExample: ${examples}${more}`);
}

/** What reads the settings; loaded when a verb that has some runs, for it brings the checker and the reader of YAML. */
async function settingTools() {
  const [load, envFile] = await Promise.all([
    import("../config/resolve/load.ts"),
    import("./env_file.ts"),
  ]);
  return { ...load, ...envFile };
}

type SettingTools = Awaited<ReturnType<typeof settingTools>>;

function contextOf(command: Command, verb: Verb, host: Host, tools?: SettingTools): VerbContext {
  const options = new Map<string, string | true>();
  for (const option of command.options) {
    const value = command.getOptionValue(option.attributeName());
    const own = verb.options?.some(({ flags }) => flags === option.flags);
    if (own && value !== undefined) options.set(option.name(), value);
  }
  const path = command.getOptionValue(ENV_FILE_ATTRIBUTE);
  const envFile = typeof path === "string" ? new tools!.EnvFileInUse(path, host) : undefined;
  const flags = settingFlagsGiven(command);
  const sources = (): ConfigSources => {
    const { env, readTextFile } = host;
    const plain = { flags, env, readTextFile };
    return envFile === undefined ? plain : { ...plain, envFile: envFile.read() };
  };
  return {
    host,
    args: command.args,
    options,
    settingFlags: typeof path === "string" ? new Map([[ENV_FILE_FLAG, path], ...flags]) : flags,
    loadConfig: () => tools!.loadConfig(sources(), host.machine),
    loadLakeConfig: () => tools!.loadLakeConfig(sources(), host.machine),
    loadSourceConfig: () => tools!.loadSourceConfig(sources(), host.machine),
    loadHttpOptions: () => tools!.loadHttpOptions(sources()),
  };
}

/** What commander calls the value of `--env-file`. */
const ENV_FILE_ATTRIBUTE = "envFile";

/** Says on standard error what went wrong; help that was asked for is no error. */
function explain(
  error: unknown,
  program: Command,
  args: readonly string[],
  host: Host,
): ExitCode {
  if (!(error instanceof CommanderError)) {
    host.stderr.write(`tributary: ${redact(errorMessage(error))}\n`);
    return EXIT.failed;
  }
  if (/^commander\.(helpDisplayed|version)$/.test(error.code)) return EXIT.done;
  // Without a verb commander has shown the help on standard error.
  if (error.code === "commander.help") return EXIT.usage;
  const command = commandNamedBy(program, args);
  const word = /'([^']*)'/.exec(error.message)?.[1]?.split("=")[0] ?? "";
  const known = error.code === "commander.unknownOption"
    ? [...command.options.flatMap((option) => option.long ?? []), "--help"]
    : command.commands.map((sub) => sub.name());
  const meant = /unknown/.test(error.code) ? suggest(word, known) : undefined;
  const path = command === program ? "" : ` ${pathOf(command)}`;
  host.stderr.write(
    `tributary: ${redact(error.message.replace(/^error: /, ""))}\n` +
      (meant === undefined ? "" : `Did you mean ${meant}?\n`) +
      `Try: tributary${path} --help\n`,
  );
  return EXIT.usage;
}

/** The command that the first words of the line name, as far as they do. */
function commandNamedBy(program: Command, args: readonly string[]): Command {
  let command = program;
  for (const word of args.slice(0, 2)) {
    const next = command.commands.find((sub) => sub.name() === word);
    if (next === undefined) return command;
    command = next;
  }
  return command;
}

function pathOf(command: Command): string {
  const parent = command.parent;
  return parent === null || parent.parent === null
    ? command.name()
    : `${pathOf(parent)} ${command.name()}`;
}
