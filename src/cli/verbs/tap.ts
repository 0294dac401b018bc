import type { Point } from "../../model/start_from.ts";
import { streamName } from "../../model/stream.ts";
import { redact } from "../../support/redact.ts";
import { formatDuration, parseDurationMs } from "../../support/units.ts";
import { parsePoint, POINT_FORMS } from "../point.ts";
import { withSurroundings } from "../with_app.ts";
import { EXIT, sourceConfigOrExplain, type Verb, type VerbContext } from "../verb.ts";

/** After so long without an event a person is told that nothing is wrong. */
const PATIENCE_MS = 5_000;

interface Choice {
  readonly from: Point;
  readonly count?: number;
  readonly timeoutMs?: number;
}

/** `tributary tap`. */
export const tap: Verb = {
  name: "tap",
  summary: "Print the next events as rows, and store nothing",
  example: "tributary tap --mongodb-uri mongodb://db1/ --mongodb-database shop --redact password",
  moreExamples: ["tributary tap --config shop.yaml --from 2026-11-20T17:00:00Z --count 10"],
  settings: [
    "MONGODB_URI",
    "MONGODB_DATABASE",
    "MONGODB_COLLECTIONS",
    "WATCH_LEVEL",
    "FULL_DOCUMENT",
    "FULL_DOCUMENT_BEFORE_CHANGE",
    "REDACT",
    "JSON_MODE",
  ],
  options: [
    { flags: "--from <POINT>", description: "now (default), earliest, a time or a resume token" },
    { flags: "--count <N>", description: "stop after so many events" },
    { flags: "--timeout <DURATION>", description: "stop after so long; 1 if nothing has come" },
  ],
  async run(context) {
    const { host } = context;
    const choice = readChoice(context);
    if (choice === undefined) return EXIT.usage;
    const loaded = sourceConfigOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    return await withSurroundings(host, async (around) => {
      const unread = new AbortController();
      const signal = AbortSignal.any([around.signal, unread.signal]);
      const { events, streams, isReading } = await around.app.tap(
        loaded.config,
        { ...around, signal },
        { ...choice, patienceMs: PATIENCE_MS },
        {
          rows: (text) => {
            host.stdout.write(text);
            // `tributary tap | head`: whoever reads has seen enough.
            if (host.stdout.isUnread) unread.abort();
          },
          deadLetter: (event, reason) => {
            host.stderr.write(
              `tributary: ${event} cannot be a row and would be a dead letter: ${redact(reason)}\n`,
            );
          },
          quiet: (streams, isReading) => {
            host.stderr.write(
              isReading
                ? `tributary: Nothing has changed in ${namesOf(streams)} so far; waiting for the ` +
                  "next change (--from TIME shows earlier ones)\n"
                : `tributary: MongoDB does not give the events of ${namesOf(streams)} yet; ` +
                  "waiting for it (`tributary check` says what is wrong)\n",
            );
          },
        },
      );
      if (signal.aborted) return EXIT.done;
      if (events === 0) {
        const time = formatDuration(choice.timeoutMs ?? 0);
        host.stderr.write(
          isReading
            ? `tributary: Nothing has changed in ${namesOf(streams)} within ${time}: ` +
              "change something, wait longer, or give an earlier --from\n"
            : `tributary: MongoDB did not give the events of ${namesOf(streams)} within ${time}: ` +
              "`tributary check` says what is wrong; or wait longer\n",
        );
      }
      return events === 0 || events < (choice.count ?? 0) ? EXIT.failed : EXIT.done;
    });
  },
};

const NAMES_MAX = 3;

function namesOf(streams: readonly Parameters<typeof streamName>[0][]): string {
  const names = streams.slice(0, NAMES_MAX).map(streamName).join(", ");
  return streams.length > NAMES_MAX ? `${names} and ${streams.length - NAMES_MAX} more` : names;
}

/** The verb's own options; undefined, with a word on standard error, where they cannot be followed. */
function readChoice({ host, options }: VerbContext): Choice | undefined {
  const explain = (name: string, allowed: string) => {
    host.stderr.write(`tributary: --${name} "${options.get(name)}" must be ${allowed}\n`);
    return undefined;
  };
  const from = parsePoint(String(options.get("from") ?? "now"));
  if (from === undefined) return explain("from", POINT_FORMS);
  const count = options.get("count");
  if (count !== undefined && !/^[1-9]\d{0,8}$/.test(String(count))) {
    return explain("count", "a whole number from 1");
  }
  const timeout = options.get("timeout");
  const timeoutMs = timeout === undefined ? undefined : parseDurationMs(String(timeout));
  if (timeout !== undefined && (timeoutMs === undefined || timeoutMs <= 0)) {
    return explain("timeout", "a duration, as 10s or 1m");
  }
  return {
    from,
    ...(count === undefined ? {} : { count: Number(count) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}
