import { parseTime } from "../config/start_from.ts";
import type { App } from "./surroundings.ts";
import type { VerbContext } from "./verb.ts";

type Letters = Parameters<Parameters<App["deadLetters"]>[2]>[0];
export type LetterChoice = Parameters<Letters["list"]>[0];
type Report = Awaited<ReturnType<ReturnType<Letters["list"]>["next"]>>["value"];

/** The dead letters of one record without their bytes. */
export interface ShownLetters extends Omit<Report, "letters"> {
  readonly letters: readonly ShownLetter[];
}

export type ShownLetter = Omit<Report["letters"][number], "event">;

/** Which dead letters a person means; undefined, with a word on standard error, where that cannot be followed. */
export function readLetterChoice({ host, options, args }: VerbContext): LetterChoice | undefined {
  const since = options.get("since");
  const sinceSeconds = typeof since === "string" ? parseTime(since) : undefined;
  if (since !== undefined && sinceSeconds === undefined) {
    host.stderr.write(
      `tributary: --since "${since}" is no time; write 2026-11-20 or 2026-11-20T17:00:00Z\n`,
    );
    return undefined;
  }
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
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
  };
}
