import type { LakeConfig } from "../../config/config.ts";
import { destinationUrl } from "../../config/resolve/destination_target.ts";
import { nothingFound } from "./nothing_found.ts";
import { sinceOrExplain } from "../since_option.ts";
import { EXIT, type ExitCode, lakeConfigOrExplain, type VerbContext } from "../verb.ts";
import { type App, withSurroundings } from "../with_app.ts";

type Letters = Parameters<Parameters<App["deadLetters"]>[2]>[0];
type LetterChoice = Parameters<Letters["list"]>[0];
type Absence = Awaited<ReturnType<Letters["whyAbsent"]>>;
type Report = Awaited<ReturnType<ReturnType<Letters["list"]>["next"]>>["value"];

/** The dead letters of one record without their bytes. */
export interface ShownLetters extends Omit<Report, "letters"> {
  readonly letters: readonly ShownLetter[];
}

export type ShownLetter = Omit<Report["letters"][number], "event">;

/** Those that a person means, of the lake that the settings name. */
export interface ChosenLetters {
  readonly letters: Letters;
  readonly choice: LetterChoice;
  readonly config: LakeConfig;
}

/** Does a verb's work on the dead letters that it was called with; says what is wrong where that cannot be. */
export async function withLetters(
  context: VerbContext,
  work: (chosen: ChosenLetters) => Promise<ExitCode>,
): Promise<ExitCode> {
  const choice = readLetterChoice(context);
  if (choice === undefined) return EXIT.usage;
  const loaded = lakeConfigOrExplain(context);
  if (loaded === undefined) return EXIT.usage;
  const { config } = loaded;
  return await withSurroundings(
    context.host,
    (around) =>
      around.app.deadLetters(config, around, (letters) => work({ letters, choice, config })),
  );
}

/** Says why a choice has found none; a stream or a record that is not there is a mistake, no dead letters are none. */
export function sayAbsent(
  { host, args }: VerbContext,
  { choice, config }: ChosenLetters,
  absence: Absence,
): ExitCode {
  const [stream, record] = args;
  const url = destinationUrl(config.destination);
  if (absence === "no lake" || absence === "no stream") {
    const name = absence === "no lake" ? undefined : stream;
    host.stderr.write(
      nothingFound(config.journal ?? config.destination, name, "tributary position show"),
    );
    return EXIT.failed;
  }
  if (absence === "no record") {
    host.stderr.write(
      `tributary: There is no record ${record} of ${stream} below ${url}; ` +
        `\`tributary dead-letters list ${stream}\` shows which have dead letters\n`,
    );
    return EXIT.failed;
  }
  const of = record === undefined ? stream : `record ${record} of ${stream}`;
  const since = choice.sinceSeconds === undefined ? "" : " since then";
  host.stdout.write(
    of === undefined
      ? `There are no dead letters${since} below ${url}; \`tributary verify\` finds those whose file is gone.\n`
      : `There are no dead letters in ${of}${since} below ${url}.\n`,
  );
  return EXIT.done;
}

/** Which dead letters a person means; undefined, with a word on standard error, where that cannot be followed. */
function readLetterChoice(context: VerbContext): LetterChoice | undefined {
  const { host, args } = context;
  const since = sinceOrExplain(context);
  if (since === undefined) return undefined;
  const [stream, record] = args;
  if (record !== undefined && !/^\d{1,15}$/.test(record)) {
    host.stderr.write(
      `tributary: "${record}" is no record's number; \`tributary dead-letters list\` shows them\n`,
    );
    return undefined;
  }
  return {
    ...(stream === undefined ? {} : { stream }),
    ...(record === undefined ? {} : { seq: Number(record) }),
    ...since,
  };
}
