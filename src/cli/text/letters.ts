import type { LakeConfig } from "../../config/config.ts";
import { sinceOrExplain } from "../since_option.ts";
import { EXIT, type ExitCode, lakeConfigOrExplain, type VerbContext } from "../verb.ts";
import { type App, withSurroundings } from "../with_app.ts";

type Letters = Parameters<Parameters<App["deadLetters"]>[2]>[0];
type LetterChoice = Parameters<Letters["list"]>[0];
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
